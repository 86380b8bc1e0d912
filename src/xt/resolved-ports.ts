/**
 * Port operands that iptables hands to getaddrinfo(3): a plain decimal number, or a service of TCP, else of UDP. So
 * `0x50` is no number here, and `010` is ten. Source: libxtables/xtoptions.c, xtables_getportbyname().
 */
import { servicePort } from "../net/index.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** getaddrinfo keeps the low 16 bits of 65536 and reads an empty text as 0; both are refused. */
export function parseResolvedPort(text: string): number | Refusal {
  const port = /^\s*\+?[0-9]+$/.test(text)
    ? Number(text)
    : (servicePort(text, "tcp") ?? servicePort(text, "udp"));
  if (port !== undefined && port <= 0xffff) return port;
  return refuse(
    "xt/bad-port",
    `"${text}" is neither a decimal port (0 to 65535) nor a known service`,
    "write the port as a decimal number",
  );
}
