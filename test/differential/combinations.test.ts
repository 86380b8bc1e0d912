/**
 * Rules put together at random from the accepted cases of all extensions: two matches, perhaps a target and a test
 * of iptables itself, in any order. iptables-nft and Postern must agree on each: refused, or listed alike.
 */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRng } from "../../src/base/index.ts";
import { FAMILIES, type Family } from "../../src/net/index.ts";
import type { AnyMatch, AnyTarget } from "../../src/xt/index.ts";
import { MATCHES, TARGETS } from "../../src/xt/index.ts";
import { type Case, parseCaseFile, restoreText } from "../support/case-file.ts";
import { posternSaved } from "../support/conformance.ts";
import { askReference, referenceAbsent, usersKnown } from "../support/reference.ts";

const SEED = 20_261_122;
const COUNT = 150;
/** Extensions whose rules share state by name on the host, so that one rule makes another illegal. */
const SHARED_STATE = /rateest|RATEEST|IDLETIMER|recent|timeout/i;
const HEADERS = [
  "-s 192.0.2.0/24",
  "-s 2001:db8::/32",
  "! -i eth+",
  "-p tcp",
  "-p udp --dport 53",
  "-m comment --comment x",
];

/** Cases that both tools list as Postern does, and the commands that they need to have been run. */
function usableCases(
  extensions: readonly (AnyMatch | AnyTarget)[],
  family: Family,
): { cases: readonly Case[]; setup: readonly (readonly string[])[] } {
  const files = extensions.flatMap(({ kind, name, families }) => {
    const path = `src/xt/${kind === "match" ? "matches" : "targets"}/${name.toLowerCase()}.t`;
    return existsSync(path) ? [parseCaseFile(readFileSync(path, "utf8"), families)] : [];
  });
  const usable = ({ accepted, deviations, families, rule }: Case): boolean =>
    accepted &&
    deviations.length === 0 &&
    families.includes(family) &&
    !SHARED_STATE.test(rule) &&
    (usersKnown || !rule.includes("-m owner"));
  return {
    cases: files.flatMap(({ cases }) => cases.filter(usable)),
    setup: files.flatMap(({ setup }) => setup),
  };
}

const rulesOf = (saved: string | undefined): string | undefined =>
  saved
    ?.split("\n")
    .filter((line) => line.startsWith("-A"))
    .join("\n");

test.skipIf(referenceAbsent !== undefined).each(FAMILIES)(
  `${COUNT} random rules of %s, seed ${SEED}`,
  { timeout: 300_000 },
  (family) => {
    const rng = seededRng(SEED);
    const matches = usableCases(MATCHES, family);
    const targets = usableCases(TARGETS, family);
    const rules = Array.from({ length: COUNT }, () => {
      const parts = [
        rng.pick(matches.cases),
        rng.pick(matches.cases),
        ...(rng.below(2) === 0 ? [] : [rng.pick(targets.cases)]),
      ];
      const { table, chains } = rng.pick(parts);
      const words = [
        ...(rng.below(4) === 0 ? [rng.pick(HEADERS)] : []),
        ...(rng.below(3) === 0 ? parts.toReversed() : parts).map(({ rule }) => rule),
      ];
      const chain = rng.pick(chains);
      return { table, text: restoreText(table, chain, [words.join(" ")]) };
    });
    const answers = askReference({ backend: "nft", family }, [...matches.setup, ...targets.setup], rules);
    const wrong = rules.flatMap(({ text }, index) => {
      const answer = answers[index];
      const real = answer?.accepted ? rulesOf(answer.saved) : undefined;
      const own = rulesOf(posternSaved(text, family));
      return own === real ? [] : [`${text}  Postern: ${own ?? "refuses"}\n  nft: ${real ?? answer?.message}`];
    });
    expect(wrong.join("\n")).toBe("");
  },
);
