/**
 * Damaged rules files through the reader, the printer, the formatter and the checks: no exception, nothing over a
 * second, every finding inside the text. `node fuzz/restore.ts [count] [seed]`; ends with status 1 at the first
 * input that fails, and prints it in full.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, hasErrors, seededRng } from "../src/base/index.ts";
import { reviewRuleset } from "../src/review/index.ts";
import { formatDocument, parseDocument, printSaved, unformattable } from "../src/syntax/index.ts";
import { mutate } from "../test/support/mutate.ts";

const count = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? 1);
const LIMIT_MS = 1000;

/** Inputs to damage: the examples, earlier crashers, and a file of every accepted case of each table. */
function corpus(): readonly string[] {
  const texts = ["fuzz/corpus", "examples/edge-gateway", "examples/web-node"].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(folder, name), "utf8")),
  );
  const rules = ["src/xt/matches", "src/xt/targets"].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".t"))
      .flatMap((file) =>
        readFileSync(join(folder, file), "utf8")
          .split("\n")
          .flatMap((line) => (/^[-!]/.test(line) ? [line.split(";")[0] as string] : [])),
      ),
  );
  const rng = seededRng(seed);
  for (let files = 0; files < 60; files++) {
    const lines = Array.from(
      { length: 12 },
      () => `-A ${rng.pick(["INPUT", "FORWARD", "OUTPUT", "own"])} ${rng.pick(rules)}`,
    );
    texts.push(
      `*${rng.pick(["filter", "mangle", "raw", "nat"])}\n:INPUT ACCEPT [0:0]\n:own - [0:0]\n${lines.join("\n")}\nCOMMIT\n`,
    );
  }
  return texts;
}

function tryInput(text: string, family: "ipv4" | "ipv6"): string | undefined {
  const start = performance.now();
  const { document, ruleset, diagnostics } = parseDocument({ text, source: "fuzz", family });
  const findings: readonly Diagnostic[] = [...diagnostics, ...reviewRuleset(ruleset).findings];
  const outside = findings.find(
    ({ span }) => span.start < 0 || span.end > text.length || span.start > span.end,
  );
  if (outside !== undefined) return `a place outside the input: ${JSON.stringify(outside)}`;
  if (!hasErrors(diagnostics)) {
    const saved = printSaved(ruleset);
    const again = parseDocument({ text: saved, source: "saved", family });
    if (hasErrors(again.diagnostics))
      return `refuses what it printed: ${JSON.stringify(again.diagnostics[0])}\n${saved}`;
    if (printSaved(again.ruleset) !== saved)
      return `prints otherwise after reading what it printed:\n${saved}\n---\n${printSaved(again.ruleset)}`;
  }
  if (unformattable(diagnostics).length === 0) {
    const formatted = formatDocument(document, family);
    const twice = parseDocument({ text: formatted, source: "formatted", family });
    if (formatDocument(twice.document, family) !== formatted)
      return `formats otherwise the second time:\n${formatted}`;
    if (printSaved(twice.ruleset) !== printSaved(ruleset))
      return `formatting changed the meaning:\n${formatted}`;
  }
  const took = performance.now() - start;
  return took > LIMIT_MS ? `took ${took.toFixed(0)} ms` : undefined;
}

const rng = seededRng(seed);
const texts = corpus();
for (let index = 0; index < count; index++) {
  const text = mutate(rng.pick(texts), rng);
  const family = rng.pick(["ipv4", "ipv6"] as const);
  let failure: string | undefined;
  try {
    failure = tryInput(text, family);
  } catch (reason) {
    failure = `exception: ${reason instanceof Error ? reason.stack : String(reason)}`;
  }
  if (failure !== undefined) {
    console.error(`input ${index} of seed ${seed}, ${family}: ${failure}\n--- input\n${text}`);
    process.exit(1);
  }
}
console.log(
  `${count} damaged inputs of seed ${seed}: no exception, none over ${LIMIT_MS} ms, every place inside its input`,
);
