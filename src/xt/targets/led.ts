/**
 * The `LED` target: lights an LED that is bound to the trigger `netfilter-NAME`.
 *
 *     --led-trigger-id name  [--led-delay {ms|inf}]  [--led-always-blink]
 *
 * Without delay it flickers, with one it stays lit for so long after a packet. iptables-save prints an infinite delay
 * as -1, and any of 2^31 ms or more as a negative number, neither of which iptables reads; Postern prints `inf`, and
 * refuses the other. Kernel: net/netfilter/xt_LED.c, led_tg_check(), revision 0.
 */
import { defineTarget, flag, optional, required } from "../contract.ts";
import { wholeNumber } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { string } from "../strings.ts";

export interface LedInfo {
  readonly trigger: string;
  /** Infinity keeps it lit. */
  readonly delayMs: number;
  readonly alwaysBlink: boolean;
}

/** iptables takes everything that begins with "inf", in any case. */
const FOREVER: readonly string[] = ["inf", "infinite", "infinity"];

function parseDelay(text: string): number | Refusal {
  if (FOREVER.includes(text.toLowerCase())) return Number.POSITIVE_INFINITY;
  return (
    wholeNumber(text, 0, 0x7fffffff) ??
    refuse("xt/bad-number", `"${text}" is not a delay of 0 to 2147483647 ms`, "write milliseconds, or inf")
  );
}

export const led = defineTarget({
  name: "LED",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "light an LED",
  options: {
    "--led-trigger-id": required(string(16, 1), { operand: "name" }),
    "--led-delay": optional(parseDelay, { operand: "{ms|inf}" }),
    "--led-always-blink": flag(),
  },

  build: ({ "--led-trigger-id": trigger, "--led-delay": delay, "--led-always-blink": blink }): LedInfo => ({
    trigger: trigger.value,
    delayMs: delay?.value ?? 0,
    alwaysBlink: blink !== undefined,
  }),

  // Always in quotes, and an apostrophe stays as it is: unlike all other strings.
  print: ({ trigger, delayMs, alwaysBlink }) => {
    const delay =
      delayMs === 0 ? "" : ` --led-delay ${delayMs === Number.POSITIVE_INFINITY ? "inf" : delayMs}`;
    return `--led-trigger-id "${trigger.replace(/["\\]/g, "\\$&")}"${delay}${alwaysBlink ? " --led-always-blink" : ""}`;
  },

  evaluate: () => () => "continue",

  symbolic: () => ({ kind: "continue" }),
});
