/** `postern ask spoof`: for each interface, whether packets with foreign sources get through. */
import type { Family } from "../../../net/index.ts";
import { describePacket, packetJson } from "../../../pktset/index.ts";
import { type SpoofAnswer, type Spoofing, type SpoofState, spoofing } from "../../../query/index.ts";
import type { Accepted, MetRule } from "../../../reach/index.ts";
import { builtinHook } from "../../../ruleset/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedRuleset, readAsked, tableOfChain } from "./asked-ruleset.ts";
import { readInterfaces } from "./interfaces-file.ts";
import { metRuleJson, metRuleText } from "./met-rule.ts";

export interface SpoofCommandOptions {
  readonly interfaces: string;
  readonly chain: string;
  readonly state: SpoofState;
  readonly family?: Family;
  readonly json?: boolean;
}

/** @returns the exit code: 1 if some interface is not proved safe. */
export async function askSpoof(path: string, options: SpoofCommandOptions): Promise<number> {
  const { chain, state } = options;
  const asked = readAsked(path, options.family);
  const table = tableOfChain(asked, chain);
  const hook = builtinHook(table.name, chain);
  if (hook === "OUTPUT" || hook === "POSTROUTING")
    throw new Failure(2, `${chain} knows no interface that packets came in by: ask of FORWARD or INPUT`);
  const { ruleset, context } = asked;
  const behind = readInterfaces(options.interfaces, ruleset.family);
  const answer = spoofing({ ruleset, context, table, chain, behind, state });
  await writeOut(
    options.json === true
      ? `${JSON.stringify(
          answer.interfaces.map((each) => answerJson(each, answer, asked)),
          undefined,
          1,
        )}\n`
      : spoofText(answer, state, asked),
  );
  return answer.interfaces.every(({ safe }) => safe) ? 0 : 1;
}

function answerJson(each: SpoofAnswer, { space }: Spoofing, asked: AskedRuleset): object {
  const { safe, exact, witness, accepted } = each;
  return {
    interface: each.interface,
    safe,
    exact,
    witness: witness === undefined ? null : packetJson(space, witness),
    ...(accepted !== undefined && { acceptedBy: metRuleJson(acceptedRule(accepted), asked) }),
  };
}

const acceptedRule = ({ table, chain, rule }: Accepted): MetRule => ({ table, chain, rule, perhaps: false });

function spoofText(answer: Spoofing, state: SpoofState, asked: AskedRuleset): string {
  const { interfaces, space, exempts } = answer;
  const lines: string[] = [];
  for (const { interface: name, safe, exact, witness, accepted } of interfaces) {
    if (safe) {
      lines.push(`${name}: safe, proved for all packets`);
      continue;
    }
    const by = accepted === undefined ? "" : metRuleText(acceptedRule(accepted), asked);
    lines.push(
      exact ? `${name}: not safe` : `${name}: not proved safe: tests that no header decides stand in the way`,
      ...wrap(`  such as ${describePacket(space, witness ?? new Map())}`, "    "),
      ...wrap(`  accepted by ${by}`, "      "),
    );
  }
  if (exempts && state === "new")
    lines.push(
      "",
      ...wrap(
        "Rules exempt packets from connection tracking. Those are UNTRACKED, not NEW: ask again with --state untracked.",
        "",
      ),
    );
  return `${lines.join("\n")}\n`;
}
