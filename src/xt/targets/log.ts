/**
 * The `LOG` target: writes a line about the packet to the kernel log, and traversal goes on.
 *
 *     --log-prefix text  --log-level level
 *     --log-tcp-sequence  --log-tcp-options  --log-ip-options  --log-uid  --log-macdecode
 *
 * The prefix has room for 29 bytes; iptables cuts a longer one without a word, and so it is listed. It runs into
 * `IN=`, so it should end in a blank. Level names are case-sensitive; "warn" and "err" are none.
 * Kernel: net/netfilter/xt_LOG.c, log_tg_check(), revision 0.
 */
import { defineTarget, flag, optional } from "../contract.ts";
import { wholeNumber } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { cutBytes, printString, string } from "../strings.ts";

const LEVELS: ReadonlyMap<string, number> = new Map([
  ["emerg", 0],
  ["panic", 0],
  ["alert", 1],
  ["crit", 2],
  ["error", 3],
  ["warning", 4],
  ["notice", 5],
  ["info", 6],
  ["debug", 7],
]);
const WARNING = 4;

/** Bytes of a prefix that the kernel has room for. */
export const LOG_PREFIX_BYTES = 29;

const FLAGS = [
  "--log-tcp-sequence",
  "--log-tcp-options",
  "--log-ip-options",
  "--log-uid",
  "--log-macdecode",
] as const;

export interface LogInfo {
  /** As written; empty for none. The kernel keeps the first LOG_PREFIX_BYTES bytes of it. */
  readonly prefix: string;
  /** As syslog(3) numbers them: 0 is the most urgent. */
  readonly level: number;
  readonly flags: readonly (typeof FLAGS)[number][];
}

function parseLevel(text: string): number | Refusal {
  return (
    wholeNumber(text, 0, 7) ??
    LEVELS.get(text) ??
    refuse(
      "xt/unknown-keyword",
      `"${text}" is not a log level`,
      `write a number from 0 to 7, or ${[...LEVELS.keys()].join(", ")}`,
    )
  );
}

export const log = defineTarget({
  name: "LOG",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "write a line about the packet to the kernel log",
  options: {
    "--log-prefix": optional(string(Number.POSITIVE_INFINITY, 1), { operand: "text" }),
    "--log-level": optional(parseLevel, { operand: "level" }),
    "--log-tcp-sequence": flag(),
    "--log-tcp-options": flag(),
    "--log-ip-options": flag(),
    "--log-uid": flag(),
    "--log-macdecode": flag(),
  },

  build: (given): LogInfo => ({
    prefix: given["--log-prefix"]?.value ?? "",
    level: given["--log-level"]?.value ?? WARNING,
    flags: FLAGS.filter((name) => given[name] !== undefined),
  }),

  print: ({ prefix, level, flags }) => {
    const parts: string[] =
      prefix === "" ? [] : [`--log-prefix ${printString(cutBytes(prefix, LOG_PREFIX_BYTES))}`];
    if (level !== WARNING) parts.push(`--log-level ${level}`);
    parts.push(...flags);
    return parts.join(" ");
  },

  evaluate:
    ({ prefix }, machine) =>
    (skb) => {
      machine.log(skb, { kind: "LOG", prefix });
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
