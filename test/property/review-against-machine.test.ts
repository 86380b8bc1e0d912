/**
 * What the checks say of dead rules, against the machine: a rule of which it is said that no packet comes to it, or
 * that it matches none, must count none, whatever random packets pass. Rules are repeated and narrowed at random, so
 * that there is something to say.
 */
import { expect, test } from "vitest";
import { type Rng, seededRng } from "../../src/base/index.ts";
import { type CaseFile, openCase } from "../../src/cases/index.ts";
import { reviewRuleset } from "../../src/review/index.ts";
import type { Ruleset } from "../../src/ruleset/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";
import type { Backend } from "../../src/xt/index.ts";
import { PROFILES, type Profile, planRandomCase, playPackets } from "../differential/machine/generate.ts";

const SEEDS = Number(process.env.REVIEW_SEEDS ?? 6);
const PACKETS = 60;
const DEAD = new Set([
  "path/cannot-see",
  "path/first-packet-only",
  "rule/after-final",
  "rule/duplicate",
  "rule/never-matches",
  "rule/shadowed-by-one",
]);
const NARROWER = ["-p udp", "-p tcp", "-i lan0", "-m conntrack --ctstate NEW", "-m length --length 0:99"];

/** Some rules once more further down, word for word or with one more test; what does not load is left out. */
function repeated(rules: string, family: "ipv4" | "ipv6", rng: Rng): string {
  let lines = rules.split("\n");
  for (const line of lines.filter((each) => each.startsWith("-A"))) {
    if (rng.below(2) === 0) continue;
    const [command = "", chain = "", ...rest] = line.split(" ");
    const copy = [command, chain, ...(rng.below(2) === 0 ? [rng.pick(NARROWER)] : []), ...rest].join(" ");
    const from = lines.indexOf(line) + 1;
    const at = from + rng.below(lines.indexOf("COMMIT", from) - from + 1);
    const longer = lines.toSpliced(at, 0, copy);
    const { diagnostics } = parseRestore({ text: longer.join("\n"), source: "rules", family });
    if (!diagnostics.some(({ severity }) => severity === "error")) lines = longer;
  }
  return lines.join("\n");
}

/** "table chain index" of the rules that are called dead, by the finding. */
function deadRules(ruleset: Ruleset): ReadonlyMap<string, string> {
  const places = new Map<number, string>();
  for (const { name, chains } of ruleset.tables.values()) {
    for (const chain of chains.values())
      for (const [index, { span }] of chain.rules.entries())
        places.set(span.start, `${name} ${chain.name} ${index + 1}`);
  }
  const dead = new Map<string, string>();
  for (const { code, message, span } of reviewRuleset(ruleset).findings) {
    const place = places.get(span.start);
    // A jump that stands twice counts twice; it is said to change nothing.
    if (place !== undefined && DEAD.has(code) && !message.includes("a second time"))
      dead.set(place, `${code}: ${message}`);
  }
  return dead;
}

function untrueFindings(profile: Profile, seed: number, backend: Backend): readonly string[] {
  const plan = planRandomCase(profile, seed);
  const { family } = plan.scene;
  const rng = seededRng(seed);
  const text = repeated((plan.file.ruleset ?? plan.file.ruleset6) as string, family, rng);
  const file: CaseFile = { ...plan.file, ...(family === "ipv4" ? { ruleset: text } : { ruleset6: text }) };
  const dead = deadRules(parseRestore({ text, source: "rules", family }).ruleset);
  claims += dead.size;
  if (dead.size === 0) return [];
  const session = openCase(`${profile}-${seed}`, file, { backend });
  if (!("step" in session)) return [`the case cannot be run: ${session[0]?.message}`];
  const untrue = new Set<string>();
  const player: typeof session = {
    step: (step) => {
      const result = session.step(step);
      for (const { table, chain, index } of result === undefined || "cmd" in result ? [] : result.rules) {
        const said = dead.get(`${table} ${chain} ${index}`);
        if (said !== undefined)
          untrue.add(`${profile} ${seed} ${backend}, ${table} ${chain} ${index}: ${said}\n${text}`);
      }
      return result;
    },
  };
  playPackets({ ...plan, file }, player, PACKETS);
  return [...untrue];
}

let claims = 0;

test.each(PROFILES)("%s: rules that are called dead count no packet", { timeout: 120_000 }, (profile) => {
  claims = 0;
  const untrue = Array.from({ length: SEEDS }, (_, seed) =>
    (["legacy", "nft"] as const).flatMap((backend) => untrueFindings(profile, 500 + seed, backend)),
  ).flat();
  expect(untrue).toEqual([]);
  expect(claims).toBeGreaterThan(0);
});
