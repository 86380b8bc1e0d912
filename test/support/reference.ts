/**
 * The real iptables tools, in network namespaces that live as long as one shell: what they accept, and how they list
 * it. Without root a user namespace serves where the system allows one.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeText, encodeText } from "../../src/base/index.ts";
import type { Family } from "../../src/net/index.ts";
import type { TableName } from "../../src/xt/index.ts";
import type { Backend } from "./case-file.ts";

export interface ReferenceInput {
  readonly text: string;
  /** The table to list afterwards; undefined lists all. */
  readonly table?: TableName;
}

export interface ReferenceAnswer {
  readonly accepted: boolean;
  /** What the tool said on stderr. */
  readonly message: string;
  /** What `iptables-save` printed, comment lines removed; empty if refused. */
  readonly saved: string;
}

/**
 * How to run a shell script in a namespace of its own. Without root the legacy tools need a lock file of their own:
 * an empty /run that only the namespace sees.
 */
function isolated(script: string, ...args: readonly string[]): readonly string[] {
  if (process.getuid?.() === 0) return ["-n", "sh", "-c", script, "sh", ...args];
  return ["-rnm", "sh", "-c", `mount -t tmpfs tmpfs /run || exit 1\n${script}`, "sh", ...args];
}

/** Why the real tools cannot be asked here; undefined if they can. */
export const referenceAbsent: string | undefined = (() => {
  const probe = spawnSync(
    "unshare",
    isolated("iptables-legacy-save -t filter && iptables-nft-save && ip6tables-nft-save"),
    { encoding: "utf8" },
  );
  if (probe.error !== undefined) return `unshare cannot be run: ${probe.error.message}`;
  return probe.status === 0
    ? undefined
    : `iptables in a private namespace fails: ${probe.stderr.trim().split("\n")[0] ?? ""}`;
})();

/** In a user namespace only its own user exists, and the kernel refuses every other that a rule names. */
export const usersKnown = process.getuid?.() === 0;

if (referenceAbsent === undefined && !usersKnown)
  console.warn("Not root: rules with -m owner are not compared with the real tools");
if (referenceAbsent !== undefined) console.warn(`Not compared with the real tools: ${referenceAbsent}`);

const LOOP = `
tool=$1; shift
for f in "$@"; do
  read -r table < "$f.table"
  if timeout 20 $tool-restore < "$f" > /dev/null 2> "$f.err"; then
    if [ -n "$table" ]; then $tool-save -t "$table" > "$f.out" 2>> "$f.err"; else $tool-save > "$f.out" 2>> "$f.err"; fi
  fi
done`;

/** Asks one tool about many inputs, one after the other in one namespace; each restore empties its own tables. */
export function askReference(
  tool: { readonly backend: Backend; readonly family: Family },
  setup: readonly (readonly string[])[],
  inputs: readonly ReferenceInput[],
): readonly ReferenceAnswer[] {
  const folder = mkdtempSync(join(tmpdir(), "postern-reference-"));
  try {
    const files = inputs.map(({ text, table }, index) => {
      const file = join(folder, `${index}`);
      writeFileSync(file, encodeText(text));
      writeFileSync(`${file}.table`, `${table ?? ""}\n`);
      return file;
    });
    const program = tool.family === "ipv4" ? "iptables" : "ip6tables";
    const prepare = setup
      .map((words) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "))
      .join("\n");
    const script = isolated(`${prepare}\n${LOOP}`, `${program}-${tool.backend}`, ...files);
    const run = spawnSync("unshare", script, { encoding: "utf8", maxBuffer: 1 << 28 });
    if (run.error !== undefined || run.status !== 0)
      throw new Error(`the reference run failed: ${run.error?.message ?? run.stderr}`);
    return files.map((file) => {
      const accepted = existsSync(`${file}.out`);
      const saved = accepted ? decodeText(readFileSync(`${file}.out`)).replace(/^#.*\n/gm, "") : "";
      return { accepted, message: decodeText(readFileSync(`${file}.err`)).trim(), saved };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
