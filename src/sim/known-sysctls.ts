/** Which settings the machine obeys, so that one that is misspelt can be told from one that it does not need. */
import { closest } from "../base/index.ts";
import { readConntrackSettings } from "./conntrack/settings.ts";

/** Of net.ipv4.conf and net.ipv6.conf, under a device, `all` or `default`. */
const CONF: Readonly<Record<"ipv4" | "ipv6", readonly string[]>> = {
  ipv4: [
    "accept_local",
    "forwarding",
    "route_localnet",
    "rp_filter",
    "send_redirects",
    "shared_media",
    "src_valid_mark",
  ],
  ipv6: ["forwarding", "hop_limit"],
};

const SINGLE: readonly string[] = [
  "net.ipv4.icmp_echo_ignore_all",
  "net.ipv4.icmp_echo_ignore_broadcasts",
  "net.ipv4.icmp_ratelimit",
  "net.ipv4.ip_default_ttl",
  "net.ipv4.ip_forward",
  "net.ipv6.icmp.echo_ignore_all",
  "net.ipv6.icmp.ratelimit",
];

/** The settings that the machine obeys, those of `device` among them. */
function knownSysctls(device: string): readonly string[] {
  const keys = [...SINGLE];
  readConntrackSettings((key) => {
    keys.push(key);
    return undefined;
  });
  for (const family of ["ipv4", "ipv6"] as const)
    for (const place of new Set(["all", "default", device]))
      for (const name of CONF[family]) keys.push(`net.${family}.conf.${place}.${name}`);
  return keys;
}

const deviceOf = (key: string): string => /^net\.ipv[46]\.conf\.([^.]+)\./.exec(key)?.[1] ?? "all";

/** Whether the machine reads it. */
export const isObeyedSysctl = (key: string): boolean => knownSysctls(deviceOf(key)).includes(key);

/** Names so near to one that the machine obeys that they would be taken for a slip, and are none. */
const OTHERS: ReadonlySet<string> = new Set(["arp_filter"]);

/** What is wrong with one setting, in words; undefined: nothing. */
export function wrongSysctl(
  key: string,
  value: string | number,
): { readonly message: string; readonly hint: string } | undefined {
  const known = knownSysctls(deviceOf(key));
  if (known.includes(key)) {
    if (/^-?\d+$/.test(`${value}`.trim())) return undefined;
    return { message: `${key} takes a number, not "${value}"`, hint: `write ${key} = 1 or 0` };
  }
  if (OTHERS.has(key.slice(key.lastIndexOf(".") + 1))) return undefined;
  const meant = closest(key, known);
  if (meant === undefined) return undefined;
  return { message: `there is no setting ${key}`, hint: `did you mean ${meant}?` };
}
