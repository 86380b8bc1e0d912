/** `postern ask diff`: what two rulesets do differently, proved for all packets. */
import type { Family } from "../../../net/index.ts";
import { describePacket, describeValue, type PacketSpace, type PacketValues } from "../../../pktset/index.ts";
import { type BehaviourChange, diffRulesets } from "../../../query/index.ts";
import type { MetRule } from "../../../reach/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedRuleset, readAsked } from "./asked-ruleset.ts";

export interface DiffOptions {
  readonly chain?: string;
  readonly family?: Family;
  readonly json?: boolean;
}

/** @returns the exit code: 1 if they differ, or if that could not be excluded. */
export async function askDiff(before: string, after: string, options: DiffOptions): Promise<number> {
  const sides = [readAsked(before, options.family), readAsked(after, options.family)] as const;
  const [a, b] = sides;
  if (a.ruleset.family !== b.ruleset.family)
    throw new Failure(2, `${before} is ${a.ruleset.family}, ${after} is ${b.ruleset.family}: say --family`);
  const { chain } = options;
  if (
    chain !== undefined &&
    !sides.some(({ ruleset }) => [...ruleset.tables.values()].some(({ chains }) => chains.has(chain)))
  )
    throw new Failure(2, `neither file has a chain "${chain}"`);
  const { equal, exact, changes } = diffRulesets(a, b, chain);
  if (options.json === true) {
    const answer = { equal, exact, changes: changes.map((change) => changeJson(change, a, b)) };
    await writeOut(`${JSON.stringify(answer, undefined, 1)}\n`);
  } else await writeOut(diffText(equal, exact, changes, a, b));
  return equal ? 0 : 1;
}

function changeJson(change: BehaviourChange, a: AskedRuleset, b: AskedRuleset): object {
  const { table, chain, before, after, packets, more, count, witness, space, exact } = change;
  return {
    table,
    chain,
    before,
    after,
    packets: packetsText(packets, more),
    count: `${count}`,
    witness: witnessJson(space, witness),
    rulesBefore: change.rulesBefore.map((rule) => ruleJson(rule, a)),
    rulesAfter: change.rulesAfter.map((rule) => ruleJson(rule, b)),
    exact,
  };
}

const packetsText = (packets: readonly string[], more: boolean): string =>
  packets.join("; ") + (more ? "; …" : "");

function witnessJson(space: PacketSpace, witness: PacketValues): object {
  return Object.fromEntries(
    [...witness].map(([field, value]) => [field, describeValue(space, field, value)]),
  );
}

function ruleJson({ table, chain, rule, perhaps }: MetRule, side: AskedRuleset): object {
  return {
    table: table.name,
    chain: chain.name,
    ...(rule === undefined
      ? { policy: chain.policy }
      : { index: rule.index, line: side.lineOf(rule.rule.span), text: side.textOf(rule.rule) }),
    ...(perhaps && { perhaps }),
  };
}

function diffText(
  equal: boolean,
  exact: boolean,
  changes: readonly BehaviourChange[],
  a: AskedRuleset,
  b: AskedRuleset,
): string {
  if (equal) return `Equal: every packet ends the same way under ${a.source} and ${b.source}.\n`;
  const lines: string[] = [];
  for (const change of changes) {
    const { table, chain, before, after, packets, more, count, witness, space } = change;
    lines.push(`${table} ${chain}: ${before} becomes ${after}`);
    for (const box of packets) lines.push(...wrap(`  ${box}`, "    "));
    if (more) lines.push("  …");
    lines.push(`  ${count} packets`, ...wrap(`  such as ${describePacket(space, witness)}`, "    "));
    lines.push(
      ...rulesText("before", change.rulesBefore, a),
      ...rulesText("after", change.rulesAfter, b),
      "",
    );
  }
  if (!exact)
    lines.push(
      ...wrap(
        "Not proved for the rest: rules that no packet's headers decide (limits, sets, owners …) stand in the way.",
        "  ",
      ),
    );
  return `${lines.join("\n").trimEnd()}\n`;
}

/** The rule that ends the packet's way. */
function rulesText(when: string, rules: readonly MetRule[], side: AskedRuleset): readonly string[] {
  const last = rules.at(-1);
  if (last === undefined) return [];
  const { rule, chain, perhaps } = last;
  const text =
    rule === undefined
      ? `policy ${chain.policy} of ${chain.name}`
      : `${side.source}:${side.lineOf(rule.rule.span)}: ${side.textOf(rule.rule)}`;
  return wrap(`  ${when}: ${text}${perhaps ? " (perhaps)" : ""}`, "      ");
}
