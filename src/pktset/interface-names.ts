/**
 * Interfaces as numbers: every name that is known or tested, and for every tested prefix (`eth+`) one that stands for all
 * other names with it, and one for all names that nothing tests.
 */
export class InterfaceNames {
  /** By number. A trailing `+` is "some other interface whose name begins so"; `+` is any other at all. */
  readonly names: readonly string[];

  /** @param tested names as rules write them, with a trailing `+` for a prefix. */
  constructor(known: Iterable<string>, tested: Iterable<string>) {
    const names = new Set(known);
    for (const name of tested) names.add(name);
    names.add("+");
    this.names = [...names].sort((a, b) => (a === "+" ? 1 : b === "+" ? -1 : a < b ? -1 : 1));
  }

  get max(): number {
    return this.names.length - 1;
  }

  /** The number of a name, or of the class of other names that it is in. */
  numberOf(name: string): number {
    const exact = this.names.indexOf(name);
    if (exact >= 0 && !name.endsWith("+")) return exact;
    let best = this.names.length - 1;
    let length = 0;
    this.names.forEach((each, at) => {
      const prefix = each.slice(0, -1);
      if (each.endsWith("+") && prefix.length > length && name.startsWith(prefix)) {
        best = at;
        length = prefix.length;
      }
    });
    return best;
  }

  /** The numbers that a test holds for, as ranges. */
  matching(test: string): readonly number[] {
    const wild = test.endsWith("+");
    const wanted = wild ? test.slice(0, -1) : test;
    const ranges: number[] = [];
    this.names.forEach((name, at) => {
      const holds = wild ? name.startsWith(wanted) && (name !== "+" || wanted === "") : name === wanted;
      if (!holds) return;
      if (ranges[ranges.length - 1] === at - 1) ranges[ranges.length - 1] = at;
      else ranges.push(at, at);
    });
    return ranges;
  }
}
