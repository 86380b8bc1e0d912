import { describe, expect, test } from "vitest";
import { type Rng, seededRng } from "../../src/base/index.ts";
import {
  type Condition,
  type FieldName,
  type FieldValue,
  fieldMax,
  unknowns,
} from "../../src/pktset/index.ts";
import { builtinHook, isOpaque, type MatchUse } from "../../src/ruleset/index.ts";
import { type Backend, MATCHES, type Skb, TARGETS } from "../../src/xt/index.ts";
import { type Use, usesOf } from "../support/accepted-rules.ts";
import { effectFault } from "../support/effect-fault.ts";
import { holds, packetFields } from "../support/packet-fields.ts";
import { randomSkb, type Wishes } from "../support/random-skb.ts";
import { stubContext, stubMachine } from "../support/stub-machine.ts";

const SEED = 20261126;
const PACKETS = 40;
const BACKENDS: readonly Backend[] = ["legacy", "nft"];

/** Values at which a condition's answer may change. */
function edges(condition: Condition, rng: Rng, into: Map<FieldName, FieldValue[]>): typeof into {
  const add = (field: FieldName, value: FieldValue): void => {
    into.set(field, [...(into.get(field) ?? []), value]);
  };
  if (condition.kind === "ranges")
    for (const [at, value] of condition.ranges.entries()) {
      add(condition.field, value);
      const beyond = at % 2 === 0 ? -1 : 1;
      add(condition.field, typeof value === "bigint" ? value + BigInt(beyond) : value + beyond);
    }
  else if (condition.kind === "masked") {
    const { field, value, mask } = condition;
    const noise =
      BigInt(rng.below(2 ** 32)) * 0x100000001_00000001n * (1n << 32n) + BigInt(rng.below(2 ** 32));
    for (const each of [BigInt(value), BigInt(value) ^ (BigInt(mask) & -BigInt(mask))]) {
      const mixed = (each & BigInt(mask)) | (noise & ~BigInt(mask));
      add(field, typeof value === "bigint" ? mixed & ((1n << 128n) - 1n) : Number(mixed & 0xffffffffn));
    }
  } else if (condition.kind === "not") edges(condition.part, rng, into);
  else if (condition.kind === "and" || condition.kind === "or")
    for (const part of condition.parts) edges(part, rng, into);
  return into;
}

/** A packet that the rule's `-p` lets through to its matches. */
function packetFor({ rule, family }: Use, condition: Condition, rng: Rng): Skb | undefined {
  const wishes = new Map<FieldName, FieldValue>();
  for (const [field, values] of edges(condition, rng, new Map())) {
    const value = rng.pick(values);
    if (rng.below(4) !== 0 && value >= 0 && value <= fieldMax(field, family)) wishes.set(field, value);
  }
  const { protocol } = rule.header;
  if (protocol !== undefined && protocol.number !== 0) {
    if (!protocol.invert) wishes.set("protocol", protocol.number);
    else wishes.delete("protocol");
    if (family === "ipv6") wishes.set("fragment", 0);
  }
  const skb = randomSkb(rng, family, wishes as Wishes);
  return protocol?.invert === true && skb.protocol === protocol.number ? undefined : skb;
}

const show = (skb: Skb): string => {
  const { values, in: inDevice, out } = packetFields(skb);
  return `${[...values].map(([field, value]) => `${field} ${value}`).join(", ")}, in "${inDevice}", out "${out}"`;
};

/** What is wrong with an answer; undefined if nothing is. */
function matchFault(condition: Condition, skb: Skb, outcome: unknown): string | undefined {
  const said = holds(condition, packetFields(skb));
  if (said === undefined)
    return unknowns(condition).length > 0 ? undefined : "it asks for a field that the packet does not have";
  const is = outcome === "hotdrop" ? false : outcome;
  return is === said ? undefined : `evaluate says ${outcome}, symbolic ${said}`;
}

/** Matches none of whose cases has an unknown in it. */
const EXACT = new Set<string>();

describe("matches", () => {
  for (const match of MATCHES)
    test(match.name, { timeout: 60_000 }, () => {
      const rng = seededRng(SEED);
      const faults: string[] = [];
      const answers = new Set<unknown>();
      let exact = true;
      for (const use of usesOf(match))
        for (const { extension, info } of use.rule.matches.filter(
          (each): each is MatchUse => !isOpaque(each),
        ))
          for (const backend of extension === match ? BACKENDS : []) {
            const condition = match.symbolic(info, stubContext(use.family, backend, undefined));
            const evaluate = match.evaluate(info, stubMachine(use.family, backend, rng));
            if (unknowns(condition).length > 0) exact = false;
            for (let count = 0; count < PACKETS; count++) {
              const skb = packetFor(use, condition, rng);
              if (skb === undefined) continue;
              const before = show(skb);
              const outcome = evaluate(skb);
              answers.add(outcome);
              const fault = matchFault(condition, skb, outcome);
              if (fault !== undefined) faults.push(`${backend} ${use.text}\n  ${fault}\n  ${before}`);
            }
          }
      if (exact) EXACT.add(match.name);
      expect(faults.slice(0, 3).join("\n")).toBe("");
      // Packets on both sides of the edge came up, and what is exact was not merely left open.
      if (exact && match.name !== "comment")
        expect([...answers].sort()).toEqual(expect.arrayContaining([false, true]));
    });

  test("those that are exact in all their cases", () => {
    expect([...EXACT]).toMatchInlineSnapshot(`
      [
        "addrtype",
        "comment",
        "connmark",
        "devgroup",
        "dscp",
        "ecn",
        "hl",
        "icmp",
        "icmp6",
        "iprange",
        "length",
        "mark",
        "multiport",
        "pkttype",
        "rpfilter",
        "state",
        "tos",
        "ttl",
      ]
    `);
  });
});

describe("targets", () => {
  for (const target of TARGETS)
    test(target.name, { timeout: 60_000 }, () => {
      const rng = seededRng(SEED);
      const faults: string[] = [];
      for (const use of usesOf(target)) {
        const { jump } = use.rule;
        if (jump?.kind !== "target" || jump.extension !== target) continue;
        for (const backend of BACKENDS) {
          const hook = builtinHook(use.table as never, use.chain);
          const effect = target.symbolic(jump.info, stubContext(use.family, backend, hook));
          for (let count = 0; count < PACKETS; count++) {
            const skb = packetFor(use, { kind: "all" }, rng);
            if (skb === undefined) continue;
            if (hook !== undefined) skb.hook = hook;
            const fault = effectFault(target, jump.info, effect, skb, backend, rng);
            if (fault !== undefined) faults.push(`${backend} ${use.text}\n  ${fault}`);
          }
        }
      }
      expect(faults.slice(0, 3).join("\n")).toBe("");
    });
});
