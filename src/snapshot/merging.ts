/** Several listings of one kind made one; two that say different things of the same are refused. */
import type { Diagnostic } from "../base/index.ts";
import type { Interface, IpSet } from "../hoststate/index.ts";
import { type Family, printAddress } from "../net/index.ts";
import type { Ruleset, Table } from "../ruleset/index.ts";
import type { TableName } from "../xt/index.ts";

/** A source without its folder. */
export const nameOf = (source: string): string => source.slice(source.lastIndexOf("/") + 1);

const twice = (what: string, first: Diagnostic["span"], second: Diagnostic["span"]): Diagnostic => ({
  code: "hoststate/listed-twice",
  severity: "error",
  message: `${what} is in two listings: here and in ${first.source}`,
  span: second,
  hint: "name only the files of the one state that is asked about",
});

/** Tables may come in files of their own, each table once. */
export function mergeRulesets(
  parsed: readonly Ruleset[],
  diagnostics: Diagnostic[],
): Partial<Record<Family, Ruleset>> {
  const merged: Partial<Record<Family, Ruleset>> = {};
  for (const { family, tables } of parsed) {
    const all = new Map<TableName, Table>(merged[family]?.tables);
    for (const [name, table] of tables) {
      const before = all.get(name);
      if (before === undefined) all.set(name, table);
      else {
        const label = family === "ipv4" ? "IPv4" : "IPv6";
        diagnostics.push(twice(`the table ${name} of ${label}`, before.span, table.span));
      }
    }
    merged[family] = { family, tables: all };
  }
  return merged;
}

/** `ip -4 address` and `ip -6 address` add up; two listings of one family must agree, unless a person adds to them. */
export function mergeInterfaces(
  listed: readonly { readonly each: Interface; readonly said: boolean }[],
  diagnostics: Diagnostic[],
): readonly Interface[] {
  const merged = new Map<string, Interface>();
  for (const { each, said } of listed) {
    const before = merged.get(each.name);
    if (before === undefined) {
      merged.set(each.name, each);
      continue;
    }
    const conflict = (["ipv4", "ipv6"] as const).some((family) => {
      const [a, b] = [addressesOf(before, family), addressesOf(each, family)];
      return a !== "" && b !== "" && a !== b;
    });
    if (conflict && !said) {
      diagnostics.push(twice(`the interface ${each.name}, with other addresses,`, before.span, each.span));
      continue;
    }
    const known = new Set(before.addresses.map(({ address }) => address));
    const more = each.addresses.filter(({ address }) => !known.has(address));
    merged.set(each.name, { ...before, addresses: [...before.addresses, ...more] });
  }
  return [...merged.values()];
}

const addressesOf = ({ addresses }: Interface, wanted: Family): string =>
  addresses
    .filter(({ family }) => family === wanted)
    .map(({ address, prefixBits }) => `${printAddress(address)}/${prefixBits}`)
    .sort()
    .join();

export function findRepeatedSets(sets: readonly IpSet[], diagnostics: Diagnostic[]): void {
  const seen = new Map<string, IpSet>();
  for (const set of sets) {
    const before = seen.get(set.name);
    if (before === undefined) seen.set(set.name, set);
    else diagnostics.push(twice(`the set ${set.name}`, before.span, set.span));
  }
}
