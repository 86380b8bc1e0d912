/**
 * The `CLASSIFY` target: sets the packet's priority, which queueing disciplines read as the class to put it in.
 *
 *     --set-class major:minor
 *
 * Both numbers are hexadecimal, with or without 0x, of 16 bits. iptables reads them with sscanf(3): it cuts longer
 * numbers and ignores what follows, which Postern refuses. Kernel: net/netfilter/xt_CLASSIFY.c, classify_tg(),
 * revision 0.
 */
import { defineTarget, required } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface ClassifyInfo {
  readonly major: number;
  readonly minor: number;
}

const CLASS = /^(?:0x)?0*([0-9a-f]{1,4}):(?:0x)?0*([0-9a-f]{1,4})$/i;

function parseClass(text: string): ClassifyInfo | Refusal {
  const found = CLASS.exec(text);
  if (found === null) {
    return refuse(
      "xt/bad-class",
      `"${text}" is not a class of two hexadecimal numbers of 16 bits`,
      "write major:minor, such as 1:1a",
    );
  }
  return { major: Number.parseInt(found[1] as string, 16), minor: Number.parseInt(found[2] as string, 16) };
}

const hex4 = (number: number): string => number.toString(16).padStart(4, "0");

export const classify = defineTarget({
  name: "CLASSIFY",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "set the packet's priority, a class of a queueing discipline",
  hooks: ["FORWARD", "OUTPUT", "POSTROUTING"],
  options: { "--set-class": required(parseClass, { operand: "major:minor" }) },

  build: ({ "--set-class": set }): ClassifyInfo => set.value,
  print: ({ major, minor }) => `--set-class ${hex4(major)}:${hex4(minor)}`,

  evaluate:
    ({ major, minor }) =>
    (skb) => {
      skb.priority = ((major << 16) | minor) >>> 0;
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
