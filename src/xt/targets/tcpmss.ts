/**
 * The `TCPMSS` target: lowers the maximum segment size that a TCP SYN announces, or adds one where there is none.
 *
 *     --set-mss value
 *     --clamp-mss-to-pmtu
 *
 * The manual calls the two mutually exclusive; iptables takes both and keeps the last, we refuse. Clamping needs a
 * route, so PREROUTING and INPUT do not have it. With iptables-legacy the kernel also demands a `tcp` match that asks
 * for SYN; with iptables-nft it does not, and we follow that. Source: extensions/libxt_TCPMSS.c. Kernel:
 * net/netfilter/xt_TCPMSS.c, tcpmss_tg4_check() and tcpmss_tg6_check(), revision 0.
 */
import { get16, PROTOCOL, put16, updatedChecksum } from "../../net/index.ts";
import { defineTarget, flag, type Hook, optional, type ValueParser } from "../contract.ts";
import { uint } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { findTcpOption, insertIntoTcp } from "../rewriting.ts";
import type { Skb } from "../skb.ts";

/** `"clamp"`: path MTU less headers. */
export interface TcpmssInfo {
  readonly mssBytes: number | "clamp";
}

// 65535 less an IPv4 or IPv6 header.
const MSS = { ipv4: uint(0, 65515), ipv6: uint(0, 65495) };
const parseMss: ValueParser<number> = (text, context) => MSS[context.family](text, context);

const CLAMPING_HOOKS: readonly Hook[] = ["FORWARD", "OUTPUT", "POSTROUTING"];

export const tcpmss = defineTarget({
  name: "TCPMSS",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "lower the maximum segment size that TCP announces",
  protocols: [PROTOCOL.tcp],
  options: {
    "--set-mss": optional(parseMss, { excludes: ["--clamp-mss-to-pmtu"] }),
    "--clamp-mss-to-pmtu": flag(),
  },

  build: ({ "--set-mss": mss, "--clamp-mss-to-pmtu": clamp }): TcpmssInfo | Refusal => {
    if (mss !== undefined) return { mssBytes: mss.value };
    if (clamp !== undefined) return { mssBytes: "clamp" };
    return refuse(
      "xt/missing-option",
      "nothing says which size to set",
      "add --clamp-mss-to-pmtu or --set-mss value",
    );
  },
  print: ({ mssBytes }) => (mssBytes === "clamp" ? "--clamp-mss-to-pmtu" : `--set-mss ${mssBytes}`),

  check: ({ mssBytes }, { hooks }) => {
    const wrong = mssBytes === "clamp" ? hooks.filter((hook) => !CLAMPING_HOOKS.includes(hook)) : [];
    if (wrong.length === 0) return undefined;
    return refuse(
      "xt/wrong-hook",
      `--clamp-mss-to-pmtu works only in ${CLAMPING_HOOKS.join(", ")}, and this rule is reached from ${wrong.join(", ")}`,
      "move the rule to FORWARD, or write --set-mss value",
    );
  },

  evaluate:
    ({ mssBytes }, machine) =>
    (skb) => {
      if (skb.fragmentOffset !== 0) return "continue";
      skb.linearize();
      const { bytes, transport, family } = skb;
      const length = bytes.length - transport;
      if (length < 20) return "drop";
      const size = ((bytes[transport + 12] as number) >>> 4) * 4;
      if (length < size || size < 20) return "drop";
      let wanted: number;
      if (mssBytes === "clamp") {
        const headers = family === "ipv4" ? 40 : 60;
        const mtu = Math.min(
          machine.pathMtu(skb, "forward") ?? MAX_MTU,
          machine.pathMtu(skb, "reverse") ?? MAX_MTU,
        );
        if (mtu <= headers) return "drop";
        wanted = mtu - headers;
      } else wanted = mssBytes;
      const at = findTcpOption(
        bytes,
        transport,
        (at, left) => bytes[at] === 2 && bytes[at + 1] === 4 && left >= 4,
      );
      if (at !== undefined) {
        if (get16(bytes, at + 2) > wanted) setMss(skb, at + 2, wanted);
        return "continue";
      }
      if (length > size || size >= 60) return "continue";
      const mss = Math.min(wanted, family === "ipv4" ? 536 : 1220);
      insertIntoTcp(skb, transport + 20, Uint8Array.of(2, 4, mss >>> 8, mss & 255));
      return "continue";
    },

  // Options are in no field.
  symbolic: () => ({ kind: "continue" }),
});

const MAX_MTU = 65_535;

/** The option may stand at an odd offset, and then its bytes belong to two words of the checksum. */
function setMss(skb: Skb, at: number, mss: number): void {
  const { bytes, transport } = skb;
  const start = at - ((at - transport) % 2);
  const words = start === at ? [start] : [start, start + 2];
  const old = words.map((word) => get16(bytes, word));
  put16(bytes, at, mss);
  let sum = get16(bytes, transport + 16);
  words.forEach((word, index) => {
    sum = updatedChecksum(sum, old[index] as number, get16(bytes, word));
  });
  put16(bytes, transport + 16, sum);
}
