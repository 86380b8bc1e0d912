/**
 * The `CT` target: how connection tracking treats the packets, decided before it sees them.
 *
 *     --notrack
 *     --helper name
 *     --timeout name
 *     --ctevents event[,event…]
 *     --expevents new
 *     --zone {id|mark}, --zone-orig {id|mark}, --zone-reply {id|mark}
 *
 * One rule holds one zone. iptables takes two zone options, keeps the last value and mixes up the directions; we take
 * two only if they say the same for both directions. Zone 0 is the default one and is not printed. The kernel lists
 * only the first 4 bytes of a timeout's name (it hides too much of the newer, longer structure); we print all of it.
 * Source: extensions/libxt_CT.c. Kernel: net/netfilter/xt_CT.c, xt_ct_tg_check(), revision 2.
 */

import { bareWord } from "../bare-word.ts";
import { UNTRACK } from "../conditions.ts";
import { defineTarget, flag, optional, type RulePlace, type ValueParser } from "../contract.ts";
import { wholeNumber } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";
import { CT_INFO } from "../skb.ts";

/** In the order in which they are printed, which is that of the kernel's `enum ip_conntrack_events`. */
const CT_EVENTS = [
  "new",
  "related",
  "destroy",
  "reply",
  "assured",
  "protoinfo",
  "helper",
  "mark",
  "natseqinfo",
  "secmark",
];
const EXP_EVENTS = ["new"];

/** `id` "mark": the packet's mark is the zone. A zone of one direction is the default zone in the other. */
export interface CtZone {
  readonly id: number | "mark";
  readonly direction: "both" | "original" | "reply";
}

export interface CtInfo {
  readonly notrack: boolean;
  readonly helper: string | undefined;
  readonly timeout: string | undefined;
  /** Empty: all events, as if the option were absent. */
  readonly ctEvents: readonly string[];
  readonly expEvents: readonly string[];
  readonly zone: CtZone | undefined;
}

function events(known: readonly string[]): ValueParser<readonly string[]> {
  return (text) => {
    const names = text.split(",");
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined) return known.filter((name) => names.includes(name));
    return refuse(
      "xt/unknown-keyword",
      `"${wrong}" is not an event`,
      `write ${known.join(", ")}, with commas and no spaces between`,
    );
  };
}

function zoneId(text: string): CtZone["id"] | Refusal {
  if (/^mark$/i.test(text)) return "mark";
  return (
    wholeNumber(text, 0, 0xffff) ??
    refuse("xt/bad-number", `"${text}" is not a zone`, "write a number from 0 to 65535, or mark")
  );
}

const ZONE_OPTION: Readonly<Record<CtZone["direction"], string>> = {
  both: "--zone",
  original: "--zone-orig",
  reply: "--zone-reply",
};

const listed = (option: string, names: readonly string[]): string =>
  names.length === 0 ? "" : ` ${option} ${names.join(",")}`;

export const ct = defineTarget({
  name: "CT",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "how connection tracking treats the packet",
  tables: ["raw"],
  options: {
    "--notrack": flag(),
    "--helper": optional(bareWord(15), { operand: "name" }),
    "--timeout": optional(bareWord(31), { operand: "name" }),
    "--ctevents": optional(events(CT_EVENTS), { operand: "event[,event...]" }),
    "--expevents": optional(events(EXP_EVENTS), { operand: "event[,event...]" }),
    "--zone": optional(zoneId, { operand: "{id|mark}", excludes: ["--zone-orig", "--zone-reply"] }),
    "--zone-orig": optional(zoneId, { operand: "{id|mark}" }),
    "--zone-reply": optional(zoneId, { operand: "{id|mark}" }),
  },

  build: (given): CtInfo | Refusal => {
    const original = given["--zone-orig"]?.value;
    const reply = given["--zone-reply"]?.value;
    if (original !== undefined && reply !== undefined && original !== reply) {
      const message = `zone ${original} for one direction and ${reply} for the other do not fit into one rule; iptables keeps one of them`;
      return refuseOption(
        "xt/conflicting-options",
        "--zone-reply",
        message,
        "keep one of the two, the other direction has zone 0",
      );
    }
    const id = given["--zone"]?.value ?? original ?? reply;
    const direction =
      given["--zone"] !== undefined || original === reply
        ? "both"
        : original !== undefined
          ? "original"
          : "reply";
    return {
      notrack: given["--notrack"] !== undefined,
      helper: given["--helper"]?.value,
      timeout: given["--timeout"]?.value,
      ctEvents: given["--ctevents"]?.value ?? [],
      expEvents: given["--expevents"]?.value ?? [],
      zone: id === undefined || id === 0 ? undefined : { id, direction },
    };
  },

  print: ({ notrack, helper, timeout, ctEvents, expEvents, zone }) => {
    const names = `${helper === undefined ? "" : ` --helper ${helper}`}${timeout === undefined ? "" : ` --timeout ${timeout}`}`;
    const zoned = zone === undefined ? "" : ` ${ZONE_OPTION[zone.direction]} ${zone.id}`;
    return `${notrack ? " --notrack" : ""}${names}${listed("--ctevents", ctEvents)}${listed("--expevents", expEvents)}${zoned}`.slice(
      1,
    );
  },

  // Helpers and timeout policies belong to a protocol; with --notrack the kernel looks up neither.
  check: ({ notrack, helper, timeout }: CtInfo, { protocol }: RulePlace) => {
    if (notrack || (helper === undefined && timeout === undefined)) return undefined;
    if (protocol !== undefined && protocol.number !== 0 && !protocol.invert) return undefined;
    const option = helper === undefined ? "--timeout" : "--helper";
    return refuse(
      "xt/wrong-protocol",
      `${option} needs a protocol without "!"`,
      "write -p tcp, or whichever protocol it is for",
    );
  },

  evaluate:
    ({ notrack, helper, timeout, zone }, machine) =>
    (skb) => {
      if (skb.ct !== undefined || skb.ctInfo === CT_INFO.UNTRACKED) return "continue";
      if (notrack) {
        machine.untrack(skb);
        return "continue";
      }
      machine.setTemplate(skb, {
        zone: typeof zone?.id === "number" ? zone.id : 0,
        zoneDirection: zone?.direction ?? "both",
        zoneFromMark: zone?.id === "mark",
        helper,
        timeoutPolicy: timeout,
      });
      return "continue";
    },

  symbolic: ({ notrack }) => (notrack ? UNTRACK : { kind: "continue" }),
});
