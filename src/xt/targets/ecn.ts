/**
 * The `ECN` target: changes the bits of explicit congestion notification, in TCP and in the IPv4 header.
 *
 *     --ecn-tcp-remove
 *     --ecn-tcp-cwr {0|1}  --ecn-tcp-ece {0|1}  --ecn-ip-ect {0..3}
 *
 * Only the first is documented. It means both bits of TCP to 0, and is what two zeros print as. Written behind
 * --ecn-ip-ect it makes iptables forget that, which Postern refuses. The bits of TCP need `-p tcp`.
 * Kernel: net/ipv4/netfilter/ipt_ECN.c, ecn_tg_check(), revision 0.
 */

import { get16, PROTOCOL } from "../../net/index.ts";
import type { FieldWrite } from "../../pktset/index.ts";
import { defineTarget, flag, optional } from "../contract.ts";
import { uint } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";
import { setTrafficClass, setTransportWord, trafficClass } from "../rewriting.ts";

/** New values of the bits; undefined leaves them alone. */
export interface EcnInfo {
  readonly ece: number | undefined;
  readonly cwr: number | undefined;
  readonly ect: number | undefined;
}

const bit = uint(0, 1);

export const ecn = defineTarget({
  name: "ECN",
  revision: 0,
  families: ["ipv4"],
  summary: "change the bits of explicit congestion notification",
  tables: ["mangle"],
  options: {
    "--ecn-tcp-remove": flag({ excludes: ["--ecn-tcp-cwr", "--ecn-tcp-ece"] }),
    "--ecn-tcp-cwr": optional(bit, { operand: "{0|1}" }),
    "--ecn-tcp-ece": optional(bit, { operand: "{0|1}" }),
    "--ecn-ip-ect": optional(uint(0, 3), { operand: "{0..3}" }),
  },

  build: ({
    "--ecn-tcp-remove": remove,
    "--ecn-tcp-ece": ece,
    "--ecn-tcp-cwr": cwr,
    "--ecn-ip-ect": ect,
  }): EcnInfo | Refusal => {
    if (remove === undefined) {
      if (ece === undefined && cwr === undefined && ect === undefined)
        return refuse("xt/missing-option", "nothing is to be done", "add --ecn-tcp-remove");
      return { ece: ece?.value, cwr: cwr?.value, ect: ect?.value };
    }
    if (ect !== undefined && (ect.start ?? 0) < (remove.start ?? 0)) {
      return refuseOption(
        "xt/conflicting-options",
        "--ecn-ip-ect",
        "iptables forgets --ecn-ip-ect before --ecn-tcp-remove",
        "write --ecn-tcp-remove first",
      );
    }
    return { ece: 0, cwr: 0, ect: ect?.value };
  },

  print: ({ ece, cwr, ect }) => {
    if (ece === 0 && cwr === 0 && ect === undefined) return "--ecn-tcp-remove";
    const parts: string[] = [];
    if (ece !== undefined) parts.push(`--ecn-tcp-ece ${ece}`);
    if (cwr !== undefined) parts.push(`--ecn-tcp-cwr ${cwr}`);
    if (ect !== undefined) parts.push(`--ecn-ip-ect ${ect}`);
    return parts.join(" ");
  },

  check: ({ ece, cwr }, { protocol }) =>
    (ece !== undefined || cwr !== undefined) &&
    (protocol === undefined || protocol.invert || protocol.number !== PROTOCOL.tcp)
      ? refuse("xt/wrong-protocol", "the bits of TCP exist only in TCP", "write -p tcp before it")
      : undefined,

  evaluate:
    ({ ece, cwr, ect }) =>
    (skb) => {
      if (ect !== undefined) setTrafficClass(skb, (trafficClass(skb) & ~3) | ect);
      if ((ece === undefined && cwr === undefined) || skb.protocol !== PROTOCOL.tcp) return "continue";
      // The kernel does not ask whether this is a later fragment, whose payload it then changes.
      if (!skb.hasTransport(20)) return "drop";
      const at = skb.transport + 12;
      let field = get16(skb.bytes, at);
      if (ece !== undefined) field = (field & ~0x40) | (ece << 6);
      if (cwr !== undefined) field = (field & ~0x80) | (cwr << 7);
      setTransportWord(skb, at, field, skb.transport + 16);
      return "continue";
    },

  symbolic: ({ ece, cwr, ect }) => {
    const writes: FieldWrite[] = [];
    if (ect !== undefined) writes.push({ kind: "bits", field: "tos", clear: 3, flip: ect });
    const clear = (ece === undefined ? 0 : 0x40) | (cwr === undefined ? 0 : 0x80);
    if (clear !== 0)
      writes.push({ kind: "bits", field: "tcpflags", clear, flip: ((ece ?? 0) << 6) | ((cwr ?? 0) << 7) });
    return { kind: "write", writes };
  },
});
