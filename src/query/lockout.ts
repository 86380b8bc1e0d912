/**
 * Whether administrators still get in: does every connection to a port from their addresses work, first packet, replies
 * and the rest? Proved for all of them, or refuted by a packet that is dropped.
 *
 * All packets of a part go through raw, mangle, nat and filter of their hook; the part holds if none of them may be
 * dropped or sent elsewhere on the way. What is not told (interface, own address) is "whichever": the part must hold for
 * all of them.
 */
import {
  among,
  type Bounds,
  both,
  type Condition,
  CT_STATES,
  everything,
  type FieldName,
  type FieldValue,
  is,
  memberOf,
  NONE,
  onInterface,
  type PacketSpace,
  type PacketValues,
  type Ranges,
  within,
} from "../pktset/index.ts";
import { type MetRule, spaceFor, symbolicTable } from "../reach/index.ts";
import type { Ruleset } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { type EarlierChain, earlierChains, stageOf } from "./arrivals.ts";
import { decidingRule } from "./deciding-rule.ts";

export interface LockoutQuestion {
  readonly ruleset: Ruleset;
  readonly context: SymbolicContext;
  /** Addresses that administrators come from. */
  readonly admin: Ranges;
  /** TCP port of the host that they come to. */
  readonly port: number;
  /** The interface that they come in by, and replies leave by. */
  readonly device?: string | undefined;
  /** The host's address that they come to. */
  readonly address?: FieldValue | undefined;
}

export const LOCKOUT_PARTS = ["first packet", "replies", "further packets"] as const;
export type LockoutPart = (typeof LOCKOUT_PARTS)[number];

export interface PartAnswer {
  readonly part: LockoutPart;
  readonly chain: "INPUT" | "OUTPUT";
  readonly holds: boolean;
  /** It surely holds or surely fails. */
  readonly exact: boolean;
  /** A packet that is lost, or perhaps lost. */
  readonly witness: PacketValues | undefined;
  readonly space: PacketSpace;
  /** Why it is lost: the rule that it met last. */
  readonly rule: MetRule | undefined;
}

/** SYN, SYN+ACK, ACK, PSH+ACK and FIN+ACK: the packets of an orderly connection. */
const [SYN, SYN_ACK, ACK, PSH_ACK, FIN_ACK] = [0x02, 0x12, 0x10, 0x18, 0x11] as const;
/** Bits of `ctstatus` once a reply was seen; ASSURED comes with the third packet. */
const [SEEN_REPLY, ASSURED, CONFIRMED] = [2, 4, 8] as const;
const TCP = 6;
/** The same in every packet of a part. */
const UNTOLD: readonly FieldName[] = ["fragment", "ctdir", "ctstatus", "pkttype", "connmark", "mark"];

export function lockout(question: LockoutQuestion): readonly PartAnswer[] {
  return LOCKOUT_PARTS.map((part) => answerPart(question, part));
}

function packetsOf({ admin, port, device, address }: LockoutQuestion, part: LockoutPart): Condition {
  const [far, near, farPort, nearPort, dev]: [FieldName, FieldName, FieldName, FieldName, "in" | "out"] =
    part === "replies" ? ["dst", "src", "dport", "sport", "out"] : ["src", "dst", "sport", "dport", "in"];
  const isNew = part === "first packet";
  const flags = isNew
    ? [SYN]
    : part === "replies"
      ? [SYN_ACK, ACK, PSH_ACK, FIN_ACK]
      : [ACK, PSH_ACK, FIN_ACK];
  const statuses = isNew ? [0] : [SEEN_REPLY | CONFIRMED, SEEN_REPLY | CONFIRMED | ASSURED];
  const oneOf = (field: FieldName, values: readonly number[]): Condition =>
    among(
      field,
      [...values].sort((a, b) => a - b).flatMap((value) => [value, value]),
    );
  return both(
    among(far, admin),
    address === undefined ? everything : is(near, address),
    is("protocol", TCP),
    within(farPort, 1024, 65535),
    is(nearPort, port),
    oneOf("tcpflags", flags),
    is("fragment", 0),
    device === undefined ? everything : onInterface(dev, device),
    is("ctstate", CT_STATES.indexOf(isNew ? "NEW" : "ESTABLISHED")),
    is("ctdir", part === "replies" ? 1 : 0),
    oneOf("ctstatus", statuses),
    is("mark", 0),
    isNew ? is("connmark", 0) : everything,
    part === "replies" ? everything : is("pkttype", 0),
  );
}

function answerPart(question: LockoutQuestion, part: LockoutPart): PartAnswer {
  const { ruleset, context } = question;
  const chain = part === "replies" ? "OUTPUT" : "INPUT";
  const filter = ruleset.tables.get("filter");
  const earlier = earlierChains(ruleset, context, "filter", chain).filter(
    // nat sees only the first packet of a connection.
    ({ symbolic }) => symbolic.name !== "nat" || part === "first packet",
  );
  const last: readonly EarlierChain[] =
    filter?.chains.has(chain) === true
      ? [{ hook: chain, symbolic: symbolicTable(filter, context, new Map(), [chain]) }]
      : [];
  const packets = packetsOf(question, part);
  const space = spaceFor(
    [...earlier, ...last].map(({ symbolic }) => symbolic),
    {
      family: context.family,
      order: ["in", "out", "src", "mac", "dst", "protocol", "dport", "sport"],
      conditions: [packets],
    },
  );
  const stages = [...earlier, ...last].map((each) => ({ each, stage: stageOf(each, space) }));
  const all = space.set(packets, "over");
  let here: Bounds = { under: all, over: all };
  let unsure: Lost | undefined;
  for (const { each, stage } of stages) {
    const { accepted, dropped, translated } = stage(here);
    for (const lost of [dropped, translated]) {
      if (lost.under !== NONE) return failed(each, lost.under, true);
      if (lost.over !== NONE) unsure ??= { each, packets: lost.over };
    }
    here = accepted;
  }
  if (unsure !== undefined) return failed(unsure.each, unsure.packets, false);
  return { part, chain, holds: true, exact: true, witness: undefined, space, rule: undefined };

  function failed({ symbolic, hook }: EarlierChain, lost: number, exact: boolean): PartAnswer {
    const witness = new Map(memberOf(space, lost));
    const rule = decidingRule(symbolic, hook, space, { packet: witness, end: "lost" });
    for (const field of UNTOLD) witness.delete(field);
    return { part, chain, holds: false, exact, witness, space, rule };
  }
}

interface Lost {
  readonly each: EarlierChain;
  readonly packets: number;
}
