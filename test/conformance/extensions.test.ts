/** Every `.t` case through Postern, and through the real tools of both backends where they can be run. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MATCHES, TARGETS } from "../../src/xt/index.ts";
import { parseCaseFile } from "../support/case-file.ts";
import { describeCases } from "../support/conformance.ts";
import { referenceAbsent } from "../support/reference.ts";

const folders = { match: "src/xt/matches", target: "src/xt/targets" } as const;

for (const { kind, name, families } of [...MATCHES, ...TARGETS]) {
  const path = `${folders[kind]}/${name.toLowerCase()}.t`;
  describeCases(
    `${kind} ${name}`,
    existsSync(path) ? parseCaseFile(readFileSync(path, "utf8"), families) : { cases: [], setup: [] },
  );
}

test("the comparison with the real tools was possible", (context) => {
  if (referenceAbsent !== undefined)
    context.skip(`iptables-legacy and iptables-nft were not compared: ${referenceAbsent}`);
  expect(referenceAbsent).toBeUndefined();
});
