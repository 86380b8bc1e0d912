/**
 * The `NFQUEUE` target: a program decides about the packet; without a listener it is dropped.
 *
 *     --queue-num n | --queue-balance first:last
 *     --queue-bypass  --queue-cpu-fanout
 *
 * Queue 0 is meant if none is given. `--queue-balance` keeps the packets of a connection in one queue, unless
 * `--queue-cpu-fanout` chooses by processor. `--queue-bypass` lets packets pass while nobody listens.
 * Kernel: net/netfilter/xt_NFQUEUE.c, nfqueue_tg_check(), revision 3.
 */
import { defineTarget, flag, optional } from "../contract.ts";
import { type NumberRange, uint16, uintRange } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface NfqueueInfo {
  readonly first: number;
  /** Equal to `first` for one queue. */
  readonly last: number;
  readonly bypass: boolean;
  readonly cpuFanout: boolean;
}

const parseRange = uintRange(0xffff);

function parseQueues(text: string): NumberRange | Refusal {
  const range = parseRange(text, { family: "ipv4", protocol: undefined });
  if (!("low" in range)) return range;
  const { low, high } = range;
  if (low >= high)
    return refuse(
      "xt/bad-range",
      `"${text}" does not rise from a first to a last queue`,
      "write first:last, such as 0:3",
    );
  // The number of queues has 16 bits, too.
  if (high - low === 0xffff)
    return refuse("xt/bad-range", `"${text}" has 65536 queues, at most 65535 are possible`, "write 0:65534");
  return range;
}

export const nfqueue = defineTarget({
  name: "NFQUEUE",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "let a program decide about the packet",
  options: {
    "--queue-num": optional(uint16, { excludes: ["--queue-balance"], operand: "n" }),
    "--queue-balance": optional(parseQueues, { operand: "first:last" }),
    "--queue-bypass": flag(),
    "--queue-cpu-fanout": flag({ requires: ["--queue-balance"] }),
  },

  build: (given): NfqueueInfo => {
    const balance = given["--queue-balance"]?.value;
    const one = given["--queue-num"]?.value ?? 0;
    return {
      first: balance?.low ?? one,
      last: balance?.high ?? one,
      bypass: given["--queue-bypass"] !== undefined,
      cpuFanout: given["--queue-cpu-fanout"] !== undefined,
    };
  },

  print: ({ first, last, bypass, cpuFanout }) =>
    (first === last ? `--queue-num ${first}` : `--queue-balance ${first}:${last}`) +
    (bypass ? " --queue-bypass" : "") +
    (cpuFanout ? " --queue-cpu-fanout" : ""),

  evaluate: () => () => "unknown",

  symbolic: () => ({ kind: "unknown", reason: "NFQUEUE: a program decides" }),
});
