/**
 * Puts diagrams behind each other: packets that go on in one enter the next, changed as they then are. Terminals are
 * those of `Outcomes`.
 */
import { type PacketSpace, type Ref, terminal } from "../pktset/index.ts";
import { type End, NEXT, type Outcome, type Outcomes } from "./outcomes.ts";
import { rewritten } from "./rewrite.ts";

/** Terminals that stand for others while those are replaced. */
const PLACEHOLDER = 0x10000000;

export class Composition {
  readonly space: PacketSpace;
  readonly outcomes: Outcomes;

  constructor(space: PacketSpace, outcomes: Outcomes) {
    this.space = space;
    this.outcomes = outcomes;
  }

  /** The terminals that go on and are not plain NEXT. */
  openOf(ref: Ref): ReadonlySet<number> {
    const { space, outcomes } = this;
    const open = new Set<number>();
    for (const value of space.diagrams.values(ref))
      if (value !== NEXT && outcomes.of(value).some(({ end }) => end === "next")) open.add(value);
    return open;
  }

  /** `inside` where the set holds, `outside` elsewhere. */
  choose(set: Ref, inside: Ref, outside: Ref): Ref {
    const { diagrams } = this.space;
    const marked = diagrams.map(set, (value) => terminal(PLACEHOLDER + value));
    return diagrams.substitute(diagrams.substitute(marked, PLACEHOLDER + 1, inside), PLACEHOLDER, outside);
  }

  /** `second` behind `first`; `open`: terminals of `first` that go on and are not plain NEXT. */
  followed(first: Ref, second: Ref, open: ReadonlySet<number> = this.openOf(first)): Ref {
    const { space, outcomes } = this;
    const { diagrams } = space;
    if (open.size === 0) return diagrams.substitute(first, NEXT, second);
    const replaced = [NEXT, ...open];
    let result = diagrams.map(first, (value) => {
      const at = replaced.indexOf(value);
      return terminal(at < 0 ? value : PLACEHOLDER + at);
    });
    replaced.forEach((value, at) => {
      let after: Ref | undefined;
      for (const outcome of outcomes.of(value)) {
        const one = this.#through(outcome, second);
        after = after === undefined ? one : this.union(after, one);
      }
      result = diagrams.substitute(result, PLACEHOLDER + at, after as Ref);
    });
    return result;
  }

  /** Where a packet goes that `outcome` sends on to `second`. */
  #through(outcome: Outcome, second: Ref): Ref {
    const { space, outcomes } = this;
    if (outcome.end !== "next") return terminal(outcomes.one(outcome));
    let seen = second;
    for (const change of [...outcome.changes].reverse())
      seen = rewritten(space, seen, change, (a, b) => this.union(a, b));
    if (outcome.changes.length === 0) return seen;
    return space.diagrams.map(seen, (value) =>
      terminal(
        outcomes.change(value, ({ end, changes }) => ({ end, changes: [...outcome.changes, ...changes] })),
      ),
    );
  }

  /** What either diagram may do. */
  union(a: Ref, b: Ref): Ref {
    const { space, outcomes } = this;
    if (a === b) return a;
    const { diagrams } = space;
    const pairs = diagrams.pair(a, b);
    return diagrams.map(pairs, (value) => {
      const [one, other] = diagrams.pairOf(value);
      return terminal(outcomes.union(one, other));
    });
  }

  changeEnd(ref: Ref, from: End, to: End): Ref {
    const { space, outcomes } = this;
    return space.diagrams.map(ref, (value) =>
      terminal(outcomes.change(value, ({ end, changes }) => ({ end: end === from ? to : end, changes }))),
    );
  }
}
