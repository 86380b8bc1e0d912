/** `postern ask lockout`: whether administrators still get in. */
import { type Family, parseAddress } from "../../../net/index.ts";
import { describePacket, packetJson } from "../../../pktset/index.ts";
import { lockout, type PartAnswer } from "../../../query/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { addressRanges } from "./address-ranges.ts";
import { type AskedRuleset, readAsked } from "./asked-ruleset.ts";
import { metRuleJson, metRuleText } from "./met-rule.ts";

export interface LockoutOptions {
  readonly admin: string;
  readonly port: string;
  readonly interface?: string;
  readonly to?: string;
  readonly family?: Family;
  readonly json?: boolean;
}

/** @returns the exit code: 1 if administrators are locked out, or if that could not be excluded. */
export async function askLockout(path: string, options: LockoutOptions): Promise<number> {
  const asked = readAsked(path, options.family);
  const { ruleset, context } = asked;
  const port = /^\d{1,5}$/.test(options.port) ? Number(options.port) : 0;
  if (port < 1 || port > 65535) throw new Failure(2, `--port: "${options.port}" is no TCP port`);
  const admin = addressRanges(
    options.admin.split(","),
    ruleset.family,
    (_, said) => new Failure(2, `--admin: ${said}`),
  );
  if (admin.length === 0)
    throw new Failure(2, `--admin: ${options.admin} holds no ${ruleset.family} address`);
  const address = options.to === undefined ? undefined : parseAddress(options.to, ruleset.family);
  if (options.to !== undefined && address === undefined)
    throw new Failure(2, `--to: "${options.to}" is no ${ruleset.family} address`);
  const parts = lockout({ ruleset, context, admin, port, device: options.interface, address });
  const holds = parts.every((each) => each.holds);
  // One part that surely fails settles it, whatever is open of the others.
  const exact = holds || parts.some((each) => !each.holds && each.exact);
  await writeOut(
    options.json === true
      ? `${JSON.stringify({ holds, exact, parts: parts.map((each) => partJson(each, asked)) }, undefined, 1)}\n`
      : `${[
          `${options.admin} to TCP port ${port}: ${holds ? "every connection works" : exact ? "not every connection works" : "not proved"}`,
          ...parts.flatMap((each) => partText(each, asked)),
        ].join("\n")}\n`,
  );
  return holds ? 0 : 1;
}

function partJson(
  { part, chain, holds, exact, witness, space, rule }: PartAnswer,
  asked: AskedRuleset,
): object {
  return {
    part,
    chain,
    holds,
    exact,
    witness: witness === undefined ? null : packetJson(space, witness),
    ...(rule !== undefined && { lostBy: metRuleJson(rule, asked) }),
  };
}

function partText(answer: PartAnswer, asked: AskedRuleset): readonly string[] {
  const { part, chain, holds, exact, witness, space, rule } = answer;
  if (holds) return [`  ${part} (${chain}): all accepted, proved`];
  return [
    `  ${part} (${chain}): ${exact ? "lost" : "perhaps lost: tests that no header decides stand in the way"}`,
    ...wrap(`    such as ${describePacket(space, witness ?? new Map())}`, "      "),
    ...(rule === undefined ? [] : wrap(`    by ${metRuleText(rule, asked)}`, "        ")),
  ];
}
