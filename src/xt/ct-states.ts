/**
 * Comma-separated names that stand for bits: what `--state`, `--ctstate` and `--ctstatus` take. Names may be
 * abbreviated and ignore case; they are printed in the kernel's spelling, in a fixed order.
 * Source: extensions/libxt_conntrack.c, conntrack_ps_states() and conntrack_ps_statuses().
 */
import { byAbbreviation } from "./abbreviations.ts";
import type { ValueParser } from "./contract.ts";
import { Refusal, refuse } from "./refusal.ts";
import { CT_INFO, type Skb, CT_STATUS as TRACKED_STATUS } from "./skb.ts";

/** One set of names. `print` gives the names of the bits that are set. */
export interface BitNames {
  readonly parse: ValueParser<number>;
  readonly print: (bits: number) => string;
}

/** The bits of the kernel's `state_mask`, in the order in which they are printed; a packet has one. */
export const CT_STATE = { INVALID: 1, NEW: 8, RELATED: 4, ESTABLISHED: 2, UNTRACKED: 0x100 } as const;

/** As CT_STATE, and whether the connection's source or destination is translated. */
export const CT_STATE_AND_NAT = { ...CT_STATE, SNAT: 0x40, DNAT: 0x80 } as const;

/** The bits of an entry's `status` that can be tested; NONE is none of them. */
export const CT_STATUS = { EXPECTED: 1, SEEN_REPLY: 2, ASSURED: 4, CONFIRMED: 8, NONE: 0 } as const;

/** @param what what one name is called in messages: "connection state" */
export function bitNames(bits: Readonly<Record<string, number>>, what: string): BitNames {
  const rows = Object.entries(bits);
  const exact = new Map(rows);
  const folded = new Map(rows.map(([name, bit]) => [name.toLowerCase(), bit]));
  const none = rows.find(([, bit]) => bit === 0)?.[0] ?? "";
  const printed = new Map<number, string>();
  const one = (name: string, list: string): number | Refusal =>
    exact.get(name) ??
    byAbbreviation(name, folded) ??
    refuse(
      "xt/unknown-keyword",
      name === "" ? `"${list}" lacks a ${what}` : `"${name}" is not a ${what}`,
      `write ${rows.map(([each]) => each).join(", ")}, with commas and no spaces between`,
    );
  return {
    parse: (text) => {
      let mask = 0;
      for (let from = 0; ; ) {
        const comma = text.indexOf(",", from);
        const bit = one(comma < 0 ? text.slice(from) : text.slice(from, comma), text);
        if (bit instanceof Refusal) return bit;
        mask |= bit;
        if (comma < 0) return mask;
        from = comma + 1;
      }
    },
    print: (mask) => {
      let text = printed.get(mask);
      if (text === undefined) {
        text =
          mask === 0 ? none : rows.flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : [name])).join(",");
        printed.set(mask, text);
      }
      return text;
    },
  };
}

/** The packet's state as `--ctstate` names it, one bit of CT_STATE, and those of its connection's translations. */
export function stateBits({ ct, ctInfo }: Skb): number {
  if (ct === undefined) return ctInfo === CT_INFO.UNTRACKED ? CT_STATE.UNTRACKED : CT_STATE.INVALID;
  const state = 1 << ((ctInfo % 3) + 1);
  const source = (ct.status & TRACKED_STATUS.SRC_NAT) === 0 ? 0 : CT_STATE_AND_NAT.SNAT;
  const destination = (ct.status & TRACKED_STATUS.DST_NAT) === 0 ? 0 : CT_STATE_AND_NAT.DNAT;
  return state | source | destination;
}
