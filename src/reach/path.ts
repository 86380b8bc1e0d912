/**
 * The whole way of the first packet of a connection through a host: hooks and tables in the kernel's order, translation
 * and marks seen by everything behind them, and the route that decides between INPUT and FORWARD.
 *
 *     PREROUTING raw, mangle, nat -> route -> INPUT mangle, filter, security, nat
 *                                          -> FORWARD mangle, filter, security -> POSTROUTING mangle, nat
 *
 * The diagram is of the packet as it comes in; its terminals say what becomes of it, with every change on the way in order.
 */
import {
  type Condition,
  CT_STATES,
  type FieldName,
  type PacketSpace,
  type Ref,
  terminal,
} from "../pktset/index.ts";
import type { Ruleset } from "../ruleset/index.ts";
import { NFT_SECURITY_PRIORITY, TABLE_HOOKS, TABLE_NAMES } from "../ruleset/index.ts";
import type { Backend, Hook, SymbolicContext, TableName } from "../xt/index.ts";
import type { Assumptions } from "./assume.ts";
import { Composition } from "./composition.ts";
import { type Outcome, Outcomes } from "./outcomes.ts";
import { type Destination, Routing, type RoutingView } from "./routing.ts";
import { spaceFor } from "./space-for.ts";
import { type SymbolicTable, symbolicTable } from "./symbolic-table.ts";
import { TableVerdicts } from "./table-verdicts.ts";

export interface PathOptions {
  readonly ruleset: Ruleset;
  readonly context: SymbolicContext;
  readonly routing: RoutingView;
  /** What is taken for granted of the packet as it comes in. */
  readonly assumptions: Assumptions;
  /** Fields that the diagram must have, whatever rules ask for. */
  readonly fields?: readonly FieldName[];
  /** The order of addresses, protocol and ports in the diagrams. */
  readonly order?: readonly FieldName[];
  /** What will be asked of the space beside the rules. */
  readonly conditions?: readonly Condition[];
}

/** conntrack has not seen a packet in raw, and `--ctstate` takes it for INVALID. */
export const BEFORE_CONNTRACK: Assumptions = new Map([["ctstate", CT_STATES.indexOf("INVALID")]]);

/** Where a packet that is accepted ended. */
export type Arrival =
  | { readonly kind: "delivered" }
  | { readonly kind: "forwarded"; readonly devices: readonly string[] };

export class Path {
  readonly space: PacketSpace;
  readonly outcomes = new Outcomes();
  readonly tables: ReadonlyMap<TableName, SymbolicTable>;
  /** Every packet that comes in, by what becomes of it. */
  readonly incoming: Ref;
  readonly routing: Routing;
  readonly #backend: Backend;
  readonly #composition: Composition;
  readonly #verdicts = new Map<TableName, TableVerdicts>();

  constructor({ ruleset, context, routing, assumptions, fields, order, conditions }: PathOptions) {
    const all = new Map(
      [...ruleset.tables].map(([name, table]) => [name, symbolicTable(table, context)] as const),
    );
    // A field that some rule changes on the way cannot be taken for granted behind it: it is fixed at the end.
    const changed = new Set([...all.values()].flatMap(writtenFields));
    const early = new Map([...assumptions].filter(([field]) => !changed.has(field)));
    this.tables = new Map(
      [...ruleset.tables].map(([name, table]) => {
        const known = name === "raw" ? new Map([...early, ...BEFORE_CONNTRACK]) : early;
        return [name, symbolicTable(table, context, known)] as const;
      }),
    );
    this.#backend = context.backend;
    this.routing = new Routing(context.family, routing);
    this.space = spaceFor([...this.tables.values()], {
      family: context.family,
      interfaces: routing.interfaces.map(({ name }) => name),
      fields: fields ?? [],
      ...(order !== undefined && { order }),
      conditions: [...this.routing.conditions(), ...(conditions ?? [])],
    });
    this.#composition = new Composition(this.space, this.outcomes);
    for (const [name, table] of this.tables)
      this.#verdicts.set(name, new TableVerdicts(table, this.space, this.outcomes));
    const whole = this.#incoming();
    const late = new Map<number, number>();
    for (const [field, value] of assumptions)
      if (this.space.has(field))
        this.space.levelsOf(field).forEach((level, at) => {
          late.set(level, this.space.split(field, value)[at] as number);
        });
    this.incoming = late.size === 0 ? whole : this.space.diagrams.fix(whole, late);
    this.space.held.add(this.incoming);
  }

  /** The way in which an accepted outcome ended; undefined if it was not accepted. */
  arrival({ end, changes }: Outcome): Arrival | undefined {
    if (end !== "accept") return undefined;
    for (const change of changes.toReversed())
      if (change.kind === "some" && change.field === "out")
        return { kind: "forwarded", devices: change.reason.split(",") };
    return { kind: "delivered" };
  }

  #incoming(): Ref {
    const { space } = this;
    const accepted = terminal(this.outcomes.one({ end: "accept", changes: [] }));
    const input = this.#hold(this.#hook("INPUT", accepted));
    const postrouting = this.#hold(this.#hook("POSTROUTING", accepted));
    const forward = this.#hold(this.#hook("FORWARD", postrouting));
    const routes = this.#hold(this.routing.diagram(space));
    let routed = space.diagrams.map(routes, (value) => terminal(ROUTE + value));
    this.routing.destinations.forEach((destination, at) => {
      routed = space.diagrams.substitute(routed, ROUTE + at + 1, this.#towards(destination, input, forward));
    });
    return this.#hook("PREROUTING", this.#hold(routed));
  }

  #towards(destination: Destination, input: Ref, forward: Ref): Ref {
    const { outcomes, space } = this;
    switch (destination.kind) {
      case "local":
        return input;
      case "nowhere":
        return terminal(outcomes.one({ end: "drop", changes: [] }));
      case "device": {
        const numbers = destination.names.map((name) => space.interfaces.numberOf(name));
        const first = terminal(
          outcomes.one({
            end: "next",
            changes: [
              {
                kind: "some",
                field: "out",
                ranges: numbers.sort((a, b) => a - b).flatMap((number) => [number, number]),
                reason: destination.names.join(),
              },
            ],
          }),
        );
        return this.#composition.followed(first, forward);
      }
    }
  }

  /** The tables of a hook behind each other, then `after`. */
  #hook(hook: Hook, after: Ref): Ref {
    const order = TABLE_NAMES.filter((name) => TABLE_HOOKS[name].hooks.includes(hook))
      .map((name) => ({ name, priority: this.#priorityOf(name, hook) }))
      .sort((a, b) => b.priority - a.priority);
    let result = after;
    for (const { name } of order) {
      const verdicts = this.#verdicts.get(name);
      if (verdicts?.table.chains.has(hook) !== true) continue;
      const stage = this.#composition.changeEnd(verdicts.base(hook), "accept", "next");
      result = this.#composition.followed(stage, result);
      this.#hold(result);
    }
    return result;
  }

  #priorityOf(name: TableName, hook: Hook): number {
    return name === "security" && this.#backend === "nft"
      ? NFT_SECURITY_PRIORITY
      : (TABLE_HOOKS[name].priority[hook] as number);
  }

  /** Kept by every collection from here on. */
  #hold(ref: Ref): Ref {
    this.space.held.add(ref);
    return ref;
  }
}

const ROUTE = 0x20000000;

function writtenFields({ chains }: SymbolicTable): readonly FieldName[] {
  return [...chains.values()].flatMap(({ rules }) =>
    rules.flatMap(({ action }) =>
      action.kind === "effect" && action.effect.kind === "write"
        ? action.effect.writes.map(({ field }) => field)
        : [],
    ),
  );
}
