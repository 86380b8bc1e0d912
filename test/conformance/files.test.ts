/**
 * Whole restore files: commands, chains, tables, layout. iptables-nft, which Postern follows, must agree on whether
 * the file loads, on the listing, and on the line that is wrong where it names one.
 */
import { expect, test } from "vitest";
import { LineIndex } from "../../src/base/index.ts";
import { parseRestore, printSaved } from "../../src/syntax/index.ts";
import { askReference, referenceAbsent } from "../support/reference.ts";

const filter = (...lines: readonly string[]): string =>
  `*filter\n${lines.map((line) => `${line}\n`).join("")}COMMIT\n`;

/** `refused`: the line that Postern names; `tool`: what iptables-nft does otherwise, as fidelity.md says. */
interface FileCase {
  readonly name: string;
  readonly text: string;
  readonly refused?: number;
  readonly tool?: "accepts" | "refuses" | "lists otherwise";
}

const CASES: readonly FileCase[] = [
  { name: "an empty file", text: "" },
  { name: "comments and blank lines", text: "# hello\n\n*filter\n# inside\n\nCOMMIT\n# end\n" },
  {
    name: "a table of which nothing is said leaves no trace",
    text: "*raw\nCOMMIT\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
  },
  {
    name: "chains are listed by name",
    text: filter(":zeta - [0:0]", ":alpha - [0:0]", ":Beta - [0:0]", "-A zeta -j alpha", "-A INPUT -j zeta"),
  },
  {
    name: "tables are listed in a fixed order",
    text: "*nat\n:PREROUTING ACCEPT\nCOMMIT\n*raw\n:OUTPUT ACCEPT\nCOMMIT\n*security\n:INPUT ACCEPT\nCOMMIT\n*mangle\n:INPUT ACCEPT\nCOMMIT\n*filter\n:INPUT ACCEPT\nCOMMIT\n",
  },
  {
    name: "a table that comes twice keeps only the second",
    text: `${filter("-A INPUT -j DROP")}${filter("-A INPUT -j ACCEPT")}`,
  },
  { name: "policies by chain line and by -P", text: filter(":INPUT DROP [5:6]", "-P FORWARD DROP") },
  { name: "a policy counter that is no counter", text: filter(":INPUT DROP [x]", ":FORWARD ACCEPT") },
  {
    name: "-N, -A, -I, -D by number and by text",
    text: filter(
      "-N own",
      "-A own -j ACCEPT",
      "-A own -s 192.0.2.1 -j DROP",
      "-I own 2 -p tcp -j RETURN",
      "-I own -p udp -j RETURN",
      "-D own 1",
      "-D own -s 192.0.2.1/32 -j DROP",
    ),
    tool: "refuses",
  },
  {
    name: "rules of one rate estimator agree",
    text: filter(
      "-A INPUT -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 2s",
      "-A FORWARD -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 2s",
      "-A OUTPUT -j RATEEST --rateest-name b --rateest-interval 2s --rateest-ewmalog 4s",
    ),
  },
  {
    name: "rules of one rate estimator differ",
    text: filter(
      "-A INPUT -j RATEEST --rateest-name a --rateest-interval 1s --rateest-ewmalog 2s",
      "-A INPUT -j RATEEST --rateest-name a --rateest-interval 2s --rateest-ewmalog 4s",
    ),
    refused: 3,
  },
  {
    name: "rules of one idle timer agree in its kind, not in its time",
    text: filter(
      "-A INPUT -j IDLETIMER --timeout 5 --label postern-q",
      "-A INPUT -j IDLETIMER --timeout 6 --label postern-q",
    ),
  },
  {
    name: "rules of one idle timer differ in its kind",
    text: `*mangle\n-A INPUT -j IDLETIMER --timeout 5 --label postern-q\nCOMMIT\n${filter("-A INPUT -j IDLETIMER --timeout 5 --label postern-q --alarm")}`,
    refused: 5,
  },
  { name: "-I of a list reverses it", text: filter("-I INPUT -s 192.0.2.1,192.0.2.2 -j ACCEPT") },
  {
    name: "-F and -X",
    text: filter(":own - [0:0]", "-A INPUT -j own", "-A own -j ACCEPT", "-F INPUT", "-F own", "-X own"),
  },
  {
    name: "-F of everything",
    text: filter("-A INPUT -j ACCEPT", "-A OUTPUT -j ACCEPT", "-F"),
    tool: "lists otherwise",
  },
  { name: "-Z changes nothing that is listed", text: filter("-A INPUT -j ACCEPT", "-Z", "-Z INPUT") },
  {
    name: "-C of a rule that is there",
    text: filter("-A INPUT -s 192.0.2.1 -j ACCEPT", "-C INPUT -s 192.0.2.1 -j ACCEPT"),
  },
  { name: "-R replaces", text: filter("-A INPUT -j ACCEPT", "-R INPUT 1 -j DROP"), tool: "refuses" },
  {
    name: "-E renames, in jumps too",
    text: filter(":own - [0:0]", "-A INPUT -j own", "-E own new"),
    tool: "refuses",
  },
  { name: "counters before a rule", text: filter("[5:10] -A INPUT -j ACCEPT", "[5:10]-A INPUT -j DROP") },
  { name: "a chain declared twice", text: filter(":own - [0:0]", ":own - [0:0]") },
  { name: "a policy on a user chain", text: filter(":own ACCEPT [0:0]") },
  { name: "the policy - on a built-in chain", text: filter(":INPUT - [0:0]") },
  {
    name: "a rule of the other family is passed over",
    text: filter("-A INPUT -6 -j ACCEPT", "-A INPUT -j ACCEPT"),
  },
  {
    name: "a jump to a chain that is declared later",
    text: filter("-A INPUT -j own", ":own - [0:0]"),
    refused: 2,
  },
  { name: "no newline at the end", text: "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT" },
  { name: "spaces behind a table name", text: "*filter \n:INPUT ACCEPT [0:0]\nCOMMIT\n" },
  { name: "prose before the first table", text: "Here are my rules:\n*filter\nCOMMIT\n", refused: 1 },
  { name: "a rule before the first table", text: "-A INPUT -j ACCEPT\n*filter\nCOMMIT\n", refused: 1 },
  { name: "an unknown table", text: "*nosuch\nCOMMIT\n", refused: 1 },
  { name: "no COMMIT", text: "*filter\n-A INPUT -j ACCEPT\n", refused: 3 },
  { name: "a table inside a table", text: "*filter\n-A INPUT -j ACCEPT\n*nat\nCOMMIT\n", refused: 3 },
  { name: "COMMIT with a space behind it", text: "*filter\nCOMMIT \n", refused: 2 },
  { name: "a byte order mark", text: "\ufeff*filter\nCOMMIT\n", refused: 1 },
  { name: "UTF-16", text: "\udcff\udcfe*\0f\0", refused: 1 },
  { name: "CR LF", text: "*filter\r\n:INPUT ACCEPT [0:0]\r\nCOMMIT\r\n", refused: 1 },
  {
    name: "a carriage return inside a comment",
    text: filter('-A INPUT -m comment --comment "a\rb" -j ACCEPT'),
  },
  { name: "a comment line of 12,000 bytes", text: filter(`# ${"x ".repeat(6000)}`), refused: 2 },
  { name: "a line of spaces", text: filter("  "), refused: 2 },
  { name: "an indented comment", text: filter("  # comment"), refused: 2 },
  { name: "an indented rule", text: filter("  -A INPUT -j ACCEPT", "\t-A INPUT -j DROP") },
  { name: "a chain without policy", text: filter(":own"), refused: 2 },
  { name: "a blank before a chain's name", text: filter(": INPUT DROP [0:0]", ":\town - [0:0]") },
  { name: "a chain without name", text: filter(": - [0:0]"), refused: 2 },
  { name: "a bad policy", text: filter(":INPUT REJECT [0:0]"), refused: 2 },
  { name: "a bad policy by -P", text: filter("-P INPUT REJECT"), refused: 2 },
  { name: "a policy for a user chain by -P", text: filter(":own - [0:0]", "-P own DROP"), refused: 3 },
  { name: "a chain name of 28 bytes", text: filter(":abcdefghijklmnopqrstuvwxyz01 - [0:0]") },
  { name: "a chain name of 29 bytes", text: filter(":abcdefghijklmnopqrstuvwxyz012 - [0:0]"), refused: 2 },
  {
    name: "chain names with dots, colons and umlauts",
    text: filter(":a.b:c - [0:0]", ":käse - [0:0]", "-A INPUT -j a.b:c", "-A INPUT -g käse"),
  },
  {
    name: "bytes that are not UTF-8",
    text: filter(
      ":z\udce9ro - [0:0]",
      ":z\u00e9ro - [0:0]",
      '-A INPUT -m string --string "\udce9t\udce9" --algo bm -j z\udce9ro',
      '-A INPUT -m comment --comment "acc\udce8s" -j LOG --log-prefix "refus\udce9: "',
    ),
  },
  {
    name: "a prefix of 29 bytes that are not UTF-8",
    text: filter(`-A INPUT -j LOG --log-prefix ${"\udce9".repeat(29)}`),
  },
  {
    name: "a prefix cut within a character",
    text: filter(`-A INPUT -j LOG --log-prefix ${"a".repeat(28)}\u00e9`),
  },
  { name: "a chain named as a target", text: filter(":LOG - [0:0]", "-A INPUT -j LOG") },
  ...["ACCEPT", "DROP", "QUEUE", "RETURN"].map((verdict) => ({
    name: `a chain named ${verdict}`,
    text: filter(`:${verdict} - [0:0]`),
    refused: 2,
  })),
  { name: "a goto to a verdict", text: filter("-A INPUT -g ACCEPT"), refused: 2 },
  {
    name: "a NUL byte, at which the tool stops reading the line",
    text: filter("-A INPUT -i lo\u0000eth0 -j ACCEPT"),
    refused: 2,
    tool: "accepts",
  },
  { name: "a NUL byte in a comment", text: filter("# a\u0000b", "-A INPUT -j ACCEPT") },
  { name: "-N of a chain named as a target", text: filter("-N LOG"), refused: 2 },
  { name: "a chain that begins with a dash", text: filter("-N -own"), refused: 2 },
  { name: "-N of a chain that exists", text: filter("-N own", "-N own"), refused: 3 },
  { name: "-A to a chain that does not exist", text: filter("-A own -j ACCEPT"), refused: 2 },
  {
    name: "-D of a rule that is not there",
    text: filter("-A INPUT -j ACCEPT", "-D INPUT -j DROP"),
    refused: 3,
  },
  { name: "-D behind the last rule", text: filter("-A INPUT -j ACCEPT", "-D INPUT 2"), refused: 3 },
  { name: "-I behind the end", text: filter("-I INPUT 3 -j ACCEPT"), refused: 2 },
  { name: "-X of a chain in use", text: filter(":own - [0:0]", "-A INPUT -j own", "-X own"), refused: 4 },
  {
    name: "-X of all chains while one has rules",
    text: filter("-N empty", "-N own", "-A own -j ACCEPT", "-X"),
    refused: 5,
  },
  { name: "-X of all chains, all empty", text: filter("-N own", "-N other", "-X", "-A INPUT -j ACCEPT") },
  { name: "-X of a built-in chain", text: filter("-X INPUT"), refused: 2 },
  { name: "two commands in a line", text: filter("-A INPUT -N own"), refused: 2 },
  { name: "-P with a rule's options", text: filter("-P INPUT DROP -s 192.0.2.1"), refused: 2 },
  { name: "-F with a rule's options", text: filter("-F INPUT -p tcp"), refused: 2 },
  { name: "a rule number of 0", text: filter("-I INPUT 0 -j ACCEPT"), refused: 2 },
  {
    name: "a loop through three chains",
    text: filter(":a - [0:0]", ":b - [0:0]", "-A INPUT -j a", "-A a -j b", "-A b -j a"),
    refused: 6,
  },
  {
    name: "a loop that no packet reaches",
    text: filter(":a - [0:0]", ":b - [0:0]", "-A a -j b", "-A b -j a"),
  },
  { name: "a jump to a built-in chain", text: filter("-A INPUT -j FORWARD"), refused: 2 },
  { name: "bad counters before a rule", text: filter("[5 -A INPUT -j ACCEPT"), refused: 2 },
  { name: "250 words", text: filter(`-A INPUT${" -v".repeat(249)}`) },
  { name: "too many words", text: filter(`-A INPUT${" -v".repeat(260)}`), refused: 2 },
  {
    name: "a line of 10,300 bytes",
    text: filter(
      `-A INPUT -s ${Array.from({ length: 900 }, (_, i) => `192.0.2.${i % 250}`)
        .join(",")
        .slice(0, 10_300)}`,
    ),
    refused: 2,
  },
];

test.each(CASES)("Postern: $name", ({ text, refused }) => {
  const { diagnostics } = parseRestore({ text, source: "file", family: "ipv4" });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const lines = errors.map(({ span }) => new LineIndex(text).position(span.start).line);
  expect(lines[0]).toBe(refused);
});

test.skipIf(referenceAbsent !== undefined)("iptables-nft agrees on every file", { timeout: 120_000 }, () => {
  // Each file has a namespace of its own: a table that a file does not name must not be left from another.
  const wrong = CASES.flatMap(({ name, text, tool }) => {
    const [answer] = askReference({ backend: "nft", family: "ipv4" }, [], [{ text }]);
    const { ruleset, diagnostics } = parseRestore({ text, source: "file", family: "ipv4" });
    const error = diagnostics.find(({ severity }) => severity === "error");
    const own = error === undefined ? printSaved(ruleset) : undefined;
    const real = answer?.accepted ? answer.saved : undefined;
    const agrees = own === real;
    const named = /line (\d+)/.exec(answer?.message ?? "")?.[1];
    if (tool !== undefined) return agrees ? [`${name}: is said to differ and does not`] : [];
    if (!agrees) return [`${name}\n  Postern: ${own ?? "refuses"}\n  nft: ${real ?? answer?.message}`];
    const line = error === undefined ? undefined : new LineIndex(text).position(error.span.start).line;
    return line !== undefined && named !== undefined && Number(named) !== line
      ? [`${name}: Postern names line ${line}, nft says ${answer?.message}`]
      : [];
  });
  expect(wrong.join("\n")).toBe("");
});
