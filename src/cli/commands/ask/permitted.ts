/** `postern ask permitted`: how much a chain lets through. */
import type { Family } from "../../../net/index.ts";
import { permitted } from "../../../query/index.ts";
import { writeOut } from "../../output.ts";
import { readAsked, tableOfChain } from "./asked-ruleset.ts";

export interface PermittedOptions {
  readonly chain: string;
  readonly family?: Family;
  readonly json?: boolean;
}

/** @returns the exit code. */
export async function askPermitted(path: string, { chain, family, json }: PermittedOptions): Promise<number> {
  const asked = readAsked(path, family);
  const { count, countAtMost, total, exact } = permitted(tableOfChain(asked, chain), chain, asked.context);
  const fraction = Number(count) / Number(total);
  if (json === true) {
    const answer = {
      count: `${count}`,
      fraction,
      exact,
      ...(exact ? {} : { countAtMost: `${countAtMost}` }),
    };
    await writeOut(`${JSON.stringify(answer)}\n`);
    return 0;
  }
  const text = [
    `${chain} accepts ${count} new connections of ${total}`,
    `(source, destination, protocol, ports): ${(fraction * 100).toPrecision(3)} %.`,
    exact
      ? "The number is exact."
      : `Not exact: some rules ask for more than that; at most ${countAtMost} pass.`,
  ];
  await writeOut(`${text.join("\n")}\n`);
  return 0;
}
