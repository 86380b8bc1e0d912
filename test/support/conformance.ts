/** A case file through Postern and through both real tools. */
import { describe, expect, test } from "vitest";
import { hasErrors } from "../../src/base/index.ts";
import type { Family } from "../../src/net/index.ts";
import { parseRestore, printSaved } from "../../src/syntax/index.ts";
import { BACKENDS, type Backend, type Case, type CaseFile, restoreText } from "./case-file.ts";
import { askReference, referenceAbsent, usersKnown } from "./reference.ts";

interface Tool {
  readonly backend: Backend;
  readonly family: Family;
}

/** One rule in one chain of one family. */
interface Trial {
  readonly family: Family;
  readonly chain: string;
  readonly case: Case;
}

const label = ({ family, chain, case: { line, rule } }: Trial): string =>
  `line ${line} ${family} ${chain}: ${rule}`;

/** The rules of a chain as a listing shows them, one a line; an address list gives several. */
const rulesOf = (saved: string, chain: string): string =>
  saved
    .split("\n")
    .filter((line) => line === `-A ${chain}` || line.startsWith(`-A ${chain} `))
    .map((line) => line.slice(`-A ${chain} `.length))
    .join(" | ");

/** What Postern makes of a restore file: the listing, or undefined if it refuses. */
export function posternSaved(text: string, family: Family): string | undefined {
  const { ruleset, diagnostics } = parseRestore({ text, source: "case", family });
  const refused = hasErrors(diagnostics) || diagnostics.some(({ code }) => code.startsWith("xt/unknown-"));
  return refused ? undefined : printSaved(ruleset);
}

function posternAnswer({ family, chain, case: { table, rule } }: Trial): string | undefined {
  const saved = posternSaved(restoreText(table, chain, [rule]), family);
  return saved === undefined ? undefined : rulesOf(saved, chain);
}

function expectedOf(
  { case: { accepted, printed, deviations } }: Trial,
  backend: Backend,
): string | undefined {
  const outcome = deviations.find(({ backends }) => backends.includes(backend))?.outcome;
  if (outcome === undefined) return accepted ? printed : undefined;
  if (outcome === "FAIL") return undefined;
  return outcome === "OK" ? printed : outcome.prints;
}

/** What a tool says of a trial: the rules as listed, or why it refuses. */
type Answer = { readonly listed: string } | { readonly refused: string };

/** Tries each rule by itself. */
function askEach(tool: Tool, setup: CaseFile["setup"], trials: readonly Trial[]): readonly Answer[] {
  const answers = askReference(
    tool,
    setup,
    trials.map(({ chain, case: { table, rule } }) => ({ text: restoreText(table, chain, [rule]), table })),
  );
  return answers.map(({ accepted, saved, message }, index) =>
    accepted ? { listed: rulesOf(saved, (trials[index] as Trial).chain) } : { refused: message },
  );
}

/**
 * Asks about all trials that the tool should accept at once, and about each by itself only if that fails: starting a
 * tool and committing take most of the time.
 */
function ask(tool: Tool, setup: CaseFile["setup"], trials: readonly Trial[]): readonly Answer[] {
  const answers = new Map<Trial, Answer>();
  const expected = trials.filter((trial) => expectedOf(trial, tool.backend) !== undefined);
  const groups = [...Map.groupBy(expected, ({ chain, case: { table } }) => `${table} ${chain}`).values()];
  const inputs = groups.map((group) => {
    const {
      chain,
      case: { table },
    } = group[0] as Trial;
    return {
      text: restoreText(
        table,
        chain,
        group.map(({ case: { rule } }) => rule),
      ),
      table,
    };
  });
  for (const [index, { accepted, saved }] of askReference(tool, setup, inputs).entries()) {
    const group = groups[index] as readonly Trial[];
    const listed = accepted ? rulesOf(saved, (group[0] as Trial).chain).split(" | ") : [];
    const lengths = group.map((trial) => (expectedOf(trial, tool.backend) as string).split(" | ").length);
    if (listed.length !== lengths.reduce((sum, length) => sum + length, 0)) continue;
    for (const [at, trial] of group.entries())
      answers.set(trial, { listed: listed.splice(0, lengths[at]).join(" | ") });
  }
  const rest = trials.filter((trial) => !answers.has(trial));
  for (const [index, answer] of askEach(tool, setup, rest).entries())
    answers.set(rest[index] as Trial, answer);
  return trials.map((trial) => answers.get(trial) as Answer);
}

/** Declares the tests of one case file. */
export function describeCases(name: string, { cases, setup }: CaseFile): void {
  const trials = cases.flatMap((each) =>
    each.families.flatMap((family) => each.chains.map((chain): Trial => ({ family, chain, case: each }))),
  );
  const families = [...new Set(trials.map(({ family }) => family))];

  describe(name, () => {
    test("has cases, a third of them refusals", () => {
      const refusals = cases.filter(({ accepted }) => !accepted).length;
      expect(cases.length).toBeGreaterThanOrEqual(2);
      expect(refusals).toBeGreaterThanOrEqual(cases.length / 3);
    });

    test("Postern agrees with every case", () => {
      const wrong = trials.flatMap((trial) => {
        const expected = trial.case.accepted ? trial.case.printed : undefined;
        const actual = posternAnswer(trial);
        return actual === expected
          ? []
          : [`${label(trial)}\n  expected ${expected ?? "a refusal"}\n  Postern: ${actual ?? "refuses"}`];
      });
      expect(wrong.join("\n")).toBe("");
    });

    test.skipIf(referenceAbsent !== undefined || (!usersKnown && name === "match owner")).each(BACKENDS)(
      "iptables-%s agrees with every case",
      { timeout: 120_000 },
      (backend) => {
        const wrong = families.flatMap((family) => {
          const own = trials.filter((trial) => trial.family === family);
          const answers = ask({ backend, family }, setup, own);
          return own.flatMap((trial, index) => {
            const expected = expectedOf(trial, backend);
            const answer = answers[index] as Answer;
            const actual = "listed" in answer ? answer.listed : undefined;
            return actual === expected
              ? []
              : [
                  `${label(trial)}\n  expected ${expected ?? "a refusal"}\n  ${backend}: ${"refused" in answer ? `refuses: ${answer.refused}` : answer.listed}`,
                ];
          });
        });
        expect(wrong.join("\n")).toBe("");
      },
    );
  });
}
