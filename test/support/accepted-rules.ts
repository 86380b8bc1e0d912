/** Rules that the case files accept, as read: material for properties of every extension. */
import { readFileSync } from "node:fs";
import type { Family } from "../../src/net/index.ts";
import type { Rule } from "../../src/ruleset/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";
import type { AnyMatch, AnyTarget, TableName } from "../../src/xt/index.ts";
import { parseCaseFile, restoreText } from "./case-file.ts";

export interface Use {
  readonly text: string;
  readonly family: Family;
  readonly chain: string;
  readonly table: TableName;
  readonly rule: Rule;
}

/** Rules whose meaning is finer than what the case files, which are about syntax, come to. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  tcp: [
    "-p tcp -m tcp ! --sport 53 ! --dport 22 --tcp-option 2",
    "-p tcp -m tcp ! --sport 53 ! --dport 22",
    "-p tcp -m tcp ! --sport 53 --dport 22 ! --tcp-flags SYN,ACK SYN",
  ],
  ecn: ["-p tcp -m ecn --ecn-tcp-cwr ! --ecn-tcp-ece ! --ecn-ip-ect 0"],
  u32: [
    '-m u32 --u32 "0>>22&0x3C@0>>16=22,53:80"',
    '-m u32 ! --u32 "0>>22&0x3C@0&0xFFFF=22,53:80"',
    '-m u32 --u32 "6&0xFF=6&&4&0x1FFF=0&&0>>22&0x3C@12>>16&0x17=2"',
    '-m u32 --u32 "6&0xFF=1 && 4&0x3FFF=0 && 0>>22&0x3C@0>>24=0:8"',
    '-m u32 --u32 "4&0x1FFF=1:0x1FFF"',
    '-m u32 --u32 "4&0x1FFF=0:0x1000"',
    '-m u32 ! --u32 "12&0xFFFFFF00=0x0a000000 && 16=0xc0000207:0xe0000001"',
    '-m u32 --u32 "8>>24=0:9,64 && 0&0xFFFF=100:65535"',
    '-m u32 --u32 "14=0x00010a00:0x00ff0a00"',
    '-m u32 --u32 "0>>16&0xFC=0x20:0xb8"',
    '-m u32 --u32 "12<<4>>8=0:0x00a00000"',
    '-m u32 --u32 "22&0xFFFF=0x2001,0xfe80:0xff02"',
    '-m u32 --u32 "7&0xFF=0"',
    '-m u32 --u32 "30&0xFFFFFFFF=5:0"',
  ],
  conntrack: [
    "-m conntrack ! --ctstate NEW ! --ctproto tcp --ctdir REPLY",
    "-m conntrack --ctstate SNAT,RELATED ! --ctstatus EXPECTED,ASSURED",
  ],
};

/** Every accepted rule of an extension's case file, and MORE. */
export function usesOf({ kind, name, families }: AnyMatch | AnyTarget): readonly Use[] {
  const path = `src/xt/${kind === "match" ? "matches" : "targets"}/${name.toLowerCase()}.t`;
  const { cases } = parseCaseFile(readFileSync(path, "utf8"), families);
  const more = kind === "match" ? (MORE[name] ?? []) : [];
  const own = cases.filter(({ accepted }) => accepted);
  return [
    ...own,
    ...more.map((rule) => ({ rule, families, chains: ["INPUT"], table: "filter" as const })),
  ].flatMap(({ rule: text, families, chains, table }) =>
    families.flatMap((family) =>
      chains.flatMap((chain) => {
        const { ruleset } = parseRestore({
          source: "case",
          text: restoreText(table, chain, [text]),
          family,
        });
        const rules = ruleset.tables.get(table)?.chains.get(chain)?.rules ?? [];
        return rules.map(
          (rule): Use => ({
            text: `${family} -t ${table} -A ${chain} ${text}`,
            family,
            chain,
            table,
            rule,
          }),
        );
      }),
    ),
  );
}
