/** Which entries of two lists differ, the others standing in the same order in both. Source: Myers 1986, "An O(ND) Difference Algorithm". */

export interface Alignment {
  /** Positions of entries that only the first list has. */
  readonly before: readonly number[];
  /** Positions of entries that only the second list has. */
  readonly after: readonly number[];
}

/** @returns undefined if more than `limit` entries differ. */
export function align(a: readonly string[], b: readonly string[], limit: number): Alignment | undefined {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const n = endA - start;
  const m = endB - start;
  /** Furthest position in `a` on each diagonal, a copy for every number of differences. */
  const history: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  for (let differences = 0; differences <= Math.min(limit, n + m); differences++) {
    const next = new Map(furthest);
    history.push(furthest);
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      const down =
        diagonal === -differences ||
        (diagonal !== differences &&
          (furthest.get(diagonal - 1) as number) < (furthest.get(diagonal + 1) as number));
      let x = down ? (furthest.get(diagonal + 1) as number) : (furthest.get(diagonal - 1) as number) + 1;
      while (x < n && x - diagonal < m && a[start + x] === b[start + x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= n && x - diagonal >= m) return backtrack(history, start, n, m, differences);
    }
    furthest = next;
  }
  return undefined;
}

function backtrack(
  history: readonly ReadonlyMap<number, number>[],
  start: number,
  n: number,
  m: number,
  total: number,
): Alignment {
  const before: number[] = [];
  const after: number[] = [];
  let x = n;
  let y = m;
  for (let differences = total; differences > 0; differences--) {
    const furthest = history[differences] as ReadonlyMap<number, number>;
    const diagonal = x - y;
    const down =
      diagonal === -differences ||
      (diagonal !== differences &&
        (furthest.get(diagonal - 1) as number) < (furthest.get(diagonal + 1) as number));
    const from = down ? diagonal + 1 : diagonal - 1;
    x = furthest.get(from) as number;
    y = x - from;
    if (down) after.push(start + y);
    else before.push(start + x);
  }
  return { before: before.reverse(), after: after.reverse() };
}
