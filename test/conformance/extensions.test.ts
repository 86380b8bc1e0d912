/** Every `.t` case through Postern, and through the real tools of both backends where they can be run. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasErrors } from "../../src/base/index.ts";
import type { Family } from "../../src/net/index.ts";
import { parseRestore, printSaved } from "../../src/syntax/index.ts";
import { MATCHES, TARGETS } from "../../src/xt/index.ts";
import { BACKENDS, type Backend, type Case, parseCaseFile, restoreText } from "../support/case-file.ts";
import { askReference, referenceAbsent } from "../support/reference.ts";

interface Trial {
  readonly family: Family;
  readonly chain: string;
  readonly case: Case;
}

const label = ({ family, chain, case: { line, rule } }: Trial): string => `line ${line} ${family} ${chain}: ${rule}`;

const ruleOf = (saved: string, chain: string): string | undefined =>
  saved.split("\n").find((line) => line.startsWith(`-A ${chain} `))?.slice(`-A ${chain} `.length);

/** What Postern makes of a trial: the printed rule, or undefined if it refuses. */
function posternAnswer({ family, chain, case: { table, rule } }: Trial): string | undefined {
  const { ruleset, diagnostics } = parseRestore({ text: restoreText(table, chain, rule), source: "case", family });
  const refused = hasErrors(diagnostics) || diagnostics.some(({ code }) => code.startsWith("xt/unknown-"));
  return refused ? undefined : (ruleOf(printSaved(ruleset), chain) ?? "");
}

function expectedOf({ case: { accepted, printed, deviations } }: Trial, backend: Backend): string | undefined {
  const outcome = deviations.find(({ backends }) => backends.includes(backend))?.outcome;
  if (outcome === undefined) return accepted ? printed : undefined;
  if (outcome === "FAIL") return undefined;
  return outcome === "OK" ? printed : outcome.prints;
}

const folders = { match: "src/xt/matches", target: "src/xt/targets" } as const;

describe.each([...MATCHES, ...TARGETS])("$kind $name", ({ name, kind, families }) => {
  const path = `${folders[kind]}/${name.toLowerCase()}.t`;
  const { cases, setup } = existsSync(path) ? parseCaseFile(readFileSync(path, "utf8"), families) : { cases: [], setup: [] };
  const trials = cases.flatMap((each) => each.families.flatMap((family) => each.chains.map((chain): Trial => ({ family, chain, case: each }))));

  test("has cases, a third of them refusals", () => {
    const refusals = cases.filter(({ accepted }) => !accepted).length;
    expect(cases.length).toBeGreaterThanOrEqual(2);
    expect(refusals).toBeGreaterThanOrEqual(cases.length / 3);
  });

  test("Postern agrees with every case", () => {
    const wrong = trials.flatMap((trial) => {
      const expected = trial.case.accepted ? trial.case.printed : undefined;
      const actual = posternAnswer(trial);
      return actual === expected ? [] : [`${label(trial)}\n  expected ${expected ?? "a refusal"}\n  Postern: ${actual ?? "refuses"}`];
    });
    expect(wrong.join("\n")).toBe("");
  });

  test.skipIf(referenceAbsent !== undefined).each(BACKENDS)("iptables-%s agrees with every case", { timeout: 120_000 }, (backend) => {
    const wrong = families.flatMap((family) => {
      const own = trials.filter((trial) => trial.family === family);
      const answers = askReference({ backend, family }, setup, own.map(({ chain, case: { table, rule } }) => ({ text: restoreText(table, chain, rule), table })));
      return own.flatMap((trial, index) => {
        const expected = expectedOf(trial, backend);
        const answer = answers[index];
        const actual = answer?.accepted ? (ruleOf(answer.saved, trial.chain) ?? "") : undefined;
        return actual === expected ? [] : [`${label(trial)}\n  expected ${expected ?? "a refusal"}\n  ${backend}: ${actual ?? `refuses: ${answer?.message}`}`];
      });
    });
    expect(wrong.join("\n")).toBe("");
  });
});

test("the comparison with the real tools was possible", (context) => {
  if (referenceAbsent !== undefined) context.skip(`iptables-legacy and iptables-nft were not compared: ${referenceAbsent}`);
  expect(referenceAbsent).toBeUndefined();
});
