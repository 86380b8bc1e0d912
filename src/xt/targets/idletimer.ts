/**
 * The `IDLETIMER` target: starts a timer anew, which tells user space in sysfs when no packet came for so long.
 *
 *     --timeout seconds  --label name  [--alarm]
 *
 * Rules of one label share the timer, and the timers of all network namespaces share one directory of sysfs, whose
 * file names limit the label. `--alarm` runs on while the machine sleeps; the kernel refuses a label that has a timer
 * of the other kind. Kernel: net/netfilter/xt_IDLETIMER.c, idletimer_tg_checkentry_v1(), revision 1.
 */
import { bareWord } from "../bare-word.ts";
import { defineTarget, flag, required, type ValueParser } from "../contract.ts";
import { uint } from "../numbers.ts";
import { refuse } from "../refusal.ts";

export interface IdletimerInfo {
  readonly timeoutSec: number;
  readonly label: string;
  readonly alarm: boolean;
}

/** In milliseconds it must stay below 2^31 - 1. */
const MAX_TIMEOUT_SEC = 2147482;
/** What no file of the directory may be called, or what it has already. */
const TAKEN: readonly string[] = [".", "..", "power", "subsystem", "uevent"];

const word = bareWord(27);
const parseLabel: ValueParser<string> = (text, context) =>
  TAKEN.includes(text) || text.includes("/")
    ? refuse("xt/bad-string", `"${text}" cannot name a file in sysfs`, "choose another label")
    : word(text, context);

export const idletimer = defineTarget({
  name: "IDLETIMER",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "restart a timer that tells user space of idleness",
  options: {
    "--timeout": required(uint(1, MAX_TIMEOUT_SEC), { operand: "seconds" }),
    "--label": required(parseLabel, { operand: "name" }),
    "--alarm": flag(),
  },

  build: ({ "--timeout": timeout, "--label": label, "--alarm": alarm }): IdletimerInfo => ({
    timeoutSec: timeout.value,
    label: label.value,
    alarm: alarm !== undefined,
  }),
  print: ({ timeoutSec, label, alarm }) =>
    `--timeout ${timeoutSec} --label ${label}${alarm ? " --alarm" : ""}`,

  shared: ({ label, alarm }) => ({ name: label, options: alarm ? "--alarm" : "no --alarm" }),

  evaluate: () => () => "continue",

  symbolic: () => ({ kind: "continue" }),
});
