/** The packet space that fits rulesets: the fields that they ask for, in pieces and in an order that keep diagrams small. */
import type { Family } from "../net/index.ts";
import {
  type Condition,
  type FieldLevels,
  type FieldName,
  fieldBits,
  InterfaceNames,
  NONE,
  PacketSpace,
  type Ref,
} from "../pktset/index.ts";
import type { SymbolicChain, SymbolicRule, SymbolicTable } from "./symbolic-table.ts";

/** Fields of few values, or rarely tested, come first; those in between are tried in several orders. */
const LEADING: readonly FieldName[] = ["in", "out", "ctstate", "ctdir", "ctstatus", "fragment", "pkttype"];
const TRAILING: readonly FieldName[] = ["icmp", "tcpflags", "tos", "ttl", "length", "connmark", "mark"];
/** MAC addresses go with the sources that they are tested with. */
const ORDERS: readonly (readonly FieldName[])[] = [
  ["src", "mac", "dst", "dport", "protocol", "sport"],
  ["protocol", "dport", "sport", "dst", "src", "mac"],
  ["dst", "src", "mac", "protocol", "dport", "sport"],
];
/** Rules by which the orders are compared, and below which the first is taken unseen. */
const SAMPLE = 600;

/** The order of all fields: what `order` does not name stands before or behind it. */
const wholeOrder = (order: readonly FieldName[]): readonly FieldName[] => {
  const others = (fields: readonly FieldName[]) => fields.filter((field) => !order.includes(field));
  return [...others(LEADING), ...order, ...others(TRAILING)];
};

export interface SpaceOptions {
  readonly family: Family;
  /** Interfaces that the host has, beside those that rules name. */
  readonly interfaces?: Iterable<string>;
  /** Fields that the space needs whatever the rules ask for. */
  readonly fields?: Iterable<FieldName>;
  /** The order of the fields; absent, the best of several for the longest chain. */
  readonly order?: readonly FieldName[];
  /** What will be asked beside the rules: routes, questions. */
  readonly conditions?: Iterable<Condition>;
}

export function spaceFor(tables: readonly SymbolicTable[], options: SpaceOptions): PacketSpace {
  const use = new FieldUse(options.fields ?? []);
  const chains = tables.flatMap((table) => [...table.chains.values()]);
  for (const chain of chains) for (const rule of chain.rules) use.addRule(rule);
  for (const condition of options.conditions ?? []) use.addCondition(condition);
  const interfaces = new InterfaceNames(options.interfaces ?? [], use.interfaces);
  const orders = options.order === undefined ? ORDERS : [options.order];
  const spaces = orders.map(
    (order) => new PacketSpace(options.family, use.levels(wholeOrder(order), options.family), interfaces),
  );
  const longest = chains.reduce(
    (best: SymbolicChain | undefined, each) => ((best?.rules.length ?? 0) < each.rules.length ? each : best),
    undefined,
  );
  const first = spaces[0] as PacketSpace;
  if (spaces.length === 1 || longest === undefined || longest.rules.length < SAMPLE) return first;
  let best = { space: first, edges: Number.POSITIVE_INFINITY };
  for (const space of spaces) {
    const edges = sampleEdges(space, longest.rules);
    if (edges < best.edges) best = { space, edges };
  }
  // Not the one that was tried: its nodes would stay.
  return new PacketSpace(options.family, best.space.order, interfaces);
}

/** How many edges the union of a sample of rules' sets takes to make. */
function sampleEdges(space: PacketSpace, rules: readonly SymbolicRule[]): number {
  const step = rules.length / SAMPLE;
  const { diagrams } = space;
  let parts: Ref[] = [];
  for (let at = 0; at < SAMPLE; at++)
    parts.push(space.set((rules[Math.floor(at * step)] as SymbolicRule).condition, "over"));
  while (parts.length > 1)
    parts = Array.from({ length: Math.ceil(parts.length / 2) }, (_, at) =>
      diagrams.or(parts[2 * at] as Ref, parts[2 * at + 1] ?? NONE),
    );
  return diagrams.size.edges;
}

/** Which fields conditions ask for, under which masks, and which interfaces they name. */
class FieldUse {
  readonly fields: Set<FieldName>;
  readonly interfaces = new Set<string>();
  /** Of fields tested by bits: bit n is set if bits n and n-1 are not always tested together. */
  readonly #cuts = new Map<FieldName, bigint>();

  constructor(fields: Iterable<FieldName>) {
    this.fields = new Set(fields);
  }

  addRule({ condition, action }: SymbolicRule): void {
    this.addCondition(condition);
    if (action.kind !== "effect" || action.effect.kind !== "write") return;
    for (const write of action.effect.writes) {
      if (write.kind === "bits") {
        this.#cut(write.field, BigInt(write.clear));
        this.#cut(write.field, BigInt((write.flip & ~write.clear) >>> 0));
      } else if (write.kind === "copy") this.#cut(write.field, BigInt(write.clear));
    }
  }

  addCondition(condition: Condition): void {
    switch (condition.kind) {
      case "masked":
        this.fields.add(condition.field);
        this.#cut(condition.field, BigInt(condition.mask));
        break;
      case "ranges":
        this.fields.add(condition.field);
        break;
      case "interface":
        this.fields.add(condition.field);
        this.interfaces.add(condition.name);
        break;
      case "not":
        this.addCondition(condition.part);
        break;
      case "and":
      case "or":
        for (const part of condition.parts) this.addCondition(part);
        break;
      default:
        break;
    }
  }

  #cut(field: FieldName, mask: bigint): void {
    this.#cuts.set(field, (this.#cuts.get(field) ?? 0n) | (mask ^ (mask << 1n)));
  }

  levels(order: readonly FieldName[], family: Family): readonly FieldLevels[] {
    return order
      .filter((field) => this.fields.has(field))
      .map((field) => ({ field, widths: this.#widths(field, family) }));
  }

  #widths(field: FieldName, family: Family): readonly number[] {
    if (field === "src" || field === "dst") return family === "ipv4" ? [16, 8, 8] : new Array(8).fill(16);
    if (field === "mac") return [16, 16, 16];
    if (field === "mark" || field === "connmark") return bitGroups(this.#cuts.get(field) ?? 0n);
    return [fieldBits(field, family)];
  }
}

/** Widths of the groups of 32 bits, highest first, that are cut at every set bit. */
function bitGroups(cuts: bigint): readonly number[] {
  const widths: number[] = [];
  let low = 0;
  for (let bit = 1; bit <= 32; bit++) {
    if (bit === 32 || ((cuts >> BigInt(bit)) & 1n) === 1n) {
      widths.unshift(bit - low);
      low = bit;
    }
  }
  return widths;
}
