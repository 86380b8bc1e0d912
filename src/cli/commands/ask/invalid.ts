/** `postern ask invalid`: which packets in state INVALID are accepted. */
import type { Family } from "../../../net/index.ts";
import { describePacket, packetJson } from "../../../pktset/index.ts";
import { type InvalidPassage, invalidPassages } from "../../../query/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedRuleset, readAsked } from "./asked-ruleset.ts";
import { metRuleJson, metRuleText } from "./met-rule.ts";

export interface InvalidOptions {
  readonly family?: Family;
  readonly json?: boolean;
}

/** @returns the exit code. */
export async function askInvalid(path: string, { family, json }: InvalidOptions): Promise<number> {
  const asked = readAsked(path, family);
  const passages = invalidPassages(asked.ruleset, asked.context);
  if (passages.length === 0) throw new Failure(2, `${asked.source} has no filter table`);
  await writeOut(
    json === true
      ? `${JSON.stringify(
          passages.map((each) => passageJson(each, asked)),
          undefined,
          1,
        )}\n`
      : `${passages.flatMap((each) => passageText(each, asked)).join("\n")}\n`,
  );
  return 0;
}

function passageJson(passage: InvalidPassage, asked: AskedRuleset): object {
  const { chain, passes, packets, more, witness, space, rule, exact } = passage;
  return {
    chain,
    passes,
    packets: packets.join("; ") + (more ? "; …" : ""),
    witness: witness === undefined ? null : packetJson(space, witness),
    ...(rule !== undefined && { acceptedBy: metRuleJson(rule, asked) }),
    exact,
  };
}

function passageText(passage: InvalidPassage, asked: AskedRuleset): readonly string[] {
  const { chain, passes, packets, more, witness, space, rule, exact } = passage;
  if (!passes) return [`${chain}: no INVALID packet is accepted, proved for all`];
  return [
    `${chain}: INVALID packets ${exact ? "are" : "may be"} accepted:`,
    ...packets.flatMap((box) => wrap(`  ${box}`, "    ")),
    ...(more ? ["  …"] : []),
    ...wrap(`  such as ${describePacket(space, witness ?? new Map())}`, "    "),
    ...(rule === undefined ? [] : wrap(`  accepted by ${metRuleText(rule, asked)}`, "      ")),
  ];
}
