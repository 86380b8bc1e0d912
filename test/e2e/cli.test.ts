/** The program as a person runs it: files, folders, pipes, exit codes, bad input. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "postern-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function postern(args: readonly string[], input = ""): { code: number | null; out: string; err: string } {
  const run = spawnSync("bin/postern", args, {
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const GOOD =
  "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
const BAD =
  "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 99999 -j ACCEPT\n-A INPUT -s www.example.com -j ACCEPT\nCOMMIT\n";

test("the README's example says what the README says", () => {
  const [rules, said] = [...readFileSync("README.md", "utf8").matchAll(/```\n([\s\S]*?)```/g)].map(
    (block) => block[1] as string,
  );
  const path = file("example.rules", rules as string);
  const { out } = postern(["check", path]);
  expect(out.replaceAll(path, "example.rules").replace(/\s+/g, " ")).toContain(
    (said as string).trim().replace(/\s+/g, " "),
  );
  expect(out).toContain("2 errors, 1 warning, 1 note in 1 file.");
});

test("check: nothing wrong ends with 0", () => {
  const { code, out } = postern(["check", file("good.rules", GOOD)]);
  expect(out).toContain("Nothing wrong in 1 file.");
  expect(code).toBe(0);
});

test("check: every error of a file is reported, with place and remedy, and it ends with 1", () => {
  const { code, out } = postern(["check", file("bad.rules", BAD)]);
  expect(code).toBe(1);
  expect(out).toContain("bad.rules:3:25: error xt/bad-port");
  expect(out).toContain("bad.rules:4:13: error xt/host-name");
  expect(out).toContain("hint: write its address");
  expect(out.split("\n").filter((line) => line.length > 80 && !line.includes(folder))).toEqual([]);
});

test("check: standard input, JSON and SARIF", () => {
  const json = JSON.parse(postern(["check", "--json", "-"], BAD).out);
  expect(
    json.findings.map(({ code, line, column }: Record<string, unknown>) => [code, line, column]),
  ).toEqual([
    ["policy/not-stated", 1, 1],
    ["xt/bad-port", 3, 25],
    ["xt/host-name", 4, 13],
  ]);
  const sarif = JSON.parse(postern(["check", "--sarif", "-"], BAD).out);
  expect(sarif.version).toBe("2.1.0");
  for (const { id, shortDescription } of sarif.runs[0].tool.driver.rules)
    expect(shortDescription.text, id).toMatch(/^[A-Z].*[.:]$/);
  expect(sarif.runs[0].results[1]).toMatchObject({ ruleId: "xt/bad-port", level: "error" });
  expect(sarif.runs[0].results[1].locations[0].physicalLocation.region).toEqual({
    startLine: 3,
    startColumn: 25,
    endLine: 3,
    endColumn: 30,
  });
});

test("check: a folder's files are told apart, and one without a ruleset is refused", () => {
  const { code, out } = postern(["check", "examples/edge-gateway", "examples/web-node"]);
  expect(out).toContain("Nothing wrong in 4 files.");
  expect(code).toBe(0);
  expect(postern(["check", "docs"])).toMatchObject({ code: 2 });
});

test("check: an IPv6 ruleset is known by its addresses", () => {
  const { out } = postern(["check", "-"], GOOD.replace("-p tcp", "-s 2001:db8::/32 -p tcp"));
  expect(out).toContain("<stdin>: ipv6,");
});

test("check --map draws the chains", () => {
  const { out } = postern(["check", "--map", "examples/edge-gateway/rules.v4"]);
  expect(out).toContain("FWD_PUBLISHED");
});

test("bytes that are not UTF-8 go out as they came in", () => {
  const text = Buffer.from(
    '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "acc\xe8s" -j ACCEPT\nCOMMIT\n',
    "latin1",
  );
  const path = join(folder, "latin1.rules");
  writeFileSync(path, text);
  for (const args of [["fmt", "--as-saved"], ["fmt"]])
    expect(spawnSync("bin/postern", [...args, path]).stdout.equals(text)).toBe(true);
  expect(postern(["fmt", "--write", path]).code).toBe(0);
  expect(readFileSync(path).equals(text)).toBe(true);
  expect(postern(["check", path]).out).toContain("accès");
});

test("fmt reads the family from names such as ufw's, and from what is only legal in IPv6", () => {
  const rules = "*filter\n-A INPUT -p icmpv6 --icmpv6-type echo-reply -j ACCEPT\nCOMMIT\n";
  for (const name of ["before6.rules", "user6.rules", "plain.rules"])
    expect(postern(["fmt", file(name, rules)]), name).toMatchObject({ code: 0, err: "" });
  const path = file("after6.rules", "*filter\n-A INPUT -p udp -m udp --dport 546 -j DROP\nCOMMIT\n");
  expect(postern(["check", path]).out).toContain("after6.rules: ipv6,");
  expect(postern(["fmt", "--as-saved", file("plain.rules", rules)]).code).toBe(1);
});

test("fmt --as-saved prints the listing, or refuses and prints nothing", () => {
  expect(
    postern(["fmt", "--as-saved", "-"], "*filter\n-A INPUT -p 6 --dport ssh -j ACCEPT\nCOMMIT\n"),
  ).toEqual({
    code: 0,
    out: "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n",
    err: "",
  });
  const refused = postern(["fmt", "--as-saved", "-"], BAD);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toContain("<stdin>:3:25: error xt/bad-port");
  expect(postern(["fmt", "--as-saved", "-"], "*filter\n-A INPUT -m nosuch -j ACCEPT\nCOMMIT\n").code).toBe(1);
});

test("fmt keeps comments, lists and counters, and mends old spelling", () => {
  const text =
    "# head\r\n*filter\r\n\r\n\r\n:INPUT DROP\r\n# why\r\n[1:2] -A INPUT -s ! 192.0.2.1 -j ACCEPT\r\n-A INPUT -s 192.0.2.1,192.0.2.2 --protocol tcp -j DROP   \r\nCOMMIT\r\n";
  const { code, out, err } = postern(["fmt", "-"], text);
  expect(out).toBe(
    "# head\n*filter\n\n:INPUT DROP [0:0]\n# why\n[1:2] -A INPUT ! -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -s 192.0.2.1/32,192.0.2.2/32 -p tcp -j DROP\nCOMMIT\n",
  );
  expect(err).toContain("syntax/old-negation");
  expect(code).toBe(0);
});

test("fmt --write replaces the file whole, keeps mode and link, and leaves nothing behind", () => {
  const path = file("mode.rules", GOOD.replace("-p tcp -m tcp", "--protocol tcp"));
  chmodSync(path, 0o640);
  const link = join(folder, "link.rules");
  symlinkSync(path, link);
  expect(postern(["fmt", "--write", link])).toMatchObject({ code: 0, out: "" });
  expect(readFileSync(path, "utf8")).toBe(GOOD);
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
});

test("fmt --write leaves a file with errors as it is", () => {
  const path = file("refused.rules", BAD);
  expect(postern(["fmt", "--write", path]).code).toBe(1);
  expect(readFileSync(path, "utf8")).toBe(BAD);
});

test("fmt --check names what differs", () => {
  const path = file("untidy.rules", `${GOOD}\n\n`);
  expect(postern(["fmt", "--check", path])).toMatchObject({
    code: 1,
    out: `${path} is not in canonical layout\n`,
  });
  expect(postern(["fmt", "--check", "examples/web-node/rules.v4"])).toMatchObject({ code: 0, out: "" });
});

test("wrong calls end with 2 and say what to do", () => {
  for (const [args, said] of [
    [["check"], "missing required argument"],
    [["nosuch"], "unknown command"],
    [["fmt", "--as-saved", "--write", "x"], "cannot be used with"],
    [["check", "--family", "ipv5", "x"], "ipv4, ipv6"],
    [["check", join(folder, "missing")], "there is no such file"],
    [["help", "nosuchtopic"], "no page about"],
  ] as const) {
    const { code, err } = postern(args);
    expect(err).toContain(said);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  }
});

test("binary, empty and hostile input is refused in words, without escapes reaching the terminal", () => {
  const path = file("binary.rules", "");
  writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]));
  const { code, out } = postern(["check", path]);
  expect(code).toBe(1);
  expect(out).not.toContain("\u001b");
  expect(out).toContain("syntax/not-rules");
  expect(postern(["check", file("empty.rules", "")])).toMatchObject({ code: 1 });
});

test("an output that cannot be written ends with 3, in words", () => {
  const run = spawnSync("sh", ["-c", "bin/postern check --json examples/web-node > /dev/full"], {
    encoding: "utf8",
  });
  expect(run.stderr).toBe("postern: cannot write the output: the disk is full\n");
  expect(run.status).toBe(3);
});

test("the family is in a file's name, not in that of its folder", () => {
  mkdirSync(join(folder, "ipv6-lab"));
  const path = file("ipv6-lab/rules.v4", GOOD);
  expect(postern(["check", path]).out).toContain("rules.v4: ipv4,");
  expect(postern(["check", file("ipv6-lab/rules.v6", GOOD)]).out).toContain("rules.v6: ipv6,");
});

test("fmt knows an IPv6 ruleset by its addresses, as check does; of a listing the family is said", () => {
  const rules = GOOD.replace("-p tcp", "-s 2001:db8::/32 -p tcp");
  expect(postern(["fmt", "-"], rules)).toEqual({ code: 0, out: rules, err: "" });
  expect(postern(["fmt", "--as-saved", "-"], rules).code).toBe(1);
  expect(postern(["fmt", "--as-saved", "--family", "ipv6", "-"], rules)).toEqual({
    code: 0,
    out: rules,
    err: "",
  });
});

test("check: a link in a folder counts as the file that it leads to", () => {
  mkdirSync(join(folder, "linked"));
  symlinkSync(file("elsewhere.rules", GOOD), join(folder, "linked", "rules.v4"));
  symlinkSync("nowhere", join(folder, "linked", "dangling"));
  const { code, out } = postern(["check", join(folder, "linked")]);
  expect(out).toContain("linked/rules.v4: ipv4, 3 rules");
  expect(code).toBe(0);
});

test("bytes that are not UTF-8 come out as they went in", () => {
  const path = file("latin.rules", "");
  const text = GOOD.replace("-i lo", '-i lo -m comment --comment "caf\u00e9 1"');
  writeFileSync(path, text, "latin1");
  for (const args of [
    ["fmt", path],
    ["fmt", "--as-saved", path],
  ])
    expect(spawnSync("bin/postern", args).stdout.toString("latin1"), args.join(" ")).toBe(text);
  writeFileSync(path, `${text}\n\n`, "latin1");
  expect(postern(["fmt", "--write", path]).code).toBe(0);
  expect(readFileSync(path, "latin1")).toBe(text);
});

test.each(["help", "--help", "help --help", "--version", "completion bash", "help dnat"])(
  "%s into a full disk ends with 3, in words",
  (call) => {
    const run = spawnSync("sh", ["-c", `bin/postern ${call} > /dev/full`], { encoding: "utf8" });
    expect(run.stderr).toBe("postern: cannot write the output: the disk is full\n");
    expect(run.status).toBe(3);
  },
);

/** A folder of its own with such files; a name that ends in "/" is a folder. */
function folderOf(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [each, text] of Object.entries(files)) {
    if (each.endsWith("/")) mkdirSync(join(path, each));
    else writeFileSync(join(path, each), text);
  }
  return path;
}

test("check: broken rulesets of a folder are found in it, what is left aside is named", () => {
  const path = folderOf("broken", {
    "bom.txt": `\ufeff${GOOD}`,
    "empty.rules": "",
    "good.rules": GOOD,
    "notable.txt": "-A INPUT -j ACCEPT\n",
    "old/": "",
    "utf16.txt": Buffer.from(`\ufeff${GOOD}`, "utf16le"),
    "words.txt": "To whom it may concern\n",
  });
  symlinkSync("loop", join(path, "loop"));
  const { files, findings } = JSON.parse(postern(["check", "--json", path]).out);
  expect(
    findings.map(({ file, code }: Record<string, string>) => `${file?.slice(path.length + 1)} ${code}`),
  ).toEqual([
    "bom.txt syntax/byte-order-mark",
    "empty.rules ruleset/empty",
    "notable.txt syntax/outside-table",
    "utf16.txt syntax/utf-16",
  ]);
  expect(
    files
      .filter(({ kind }: Record<string, string>) => kind === "unknown")
      .map(({ file, content }: Record<string, string>) => `${file?.slice(path.length + 1)}: ${content}`),
  ).toEqual([
    "words.txt: not a listing that Postern reads; left aside",
    "loop: unreadable, a chain of links that leads back to itself; left aside",
    "old: a folder, which is not looked into: name it to check it; left aside",
  ]);
});

test("check: a folder's rules are held against its listings", () => {
  const path = folderOf("cross", {
    "rules.v4": GOOD.replace("-i lo", "-i wlan7 -m set --match-set b src"),
    "ipset.txt":
      "create a hash:ip family inet\ncreate l list:set size 8\ncreate p bitmap:port range 1-1000\n",
    "address.txt": "2: eth0: <UP,LOWER_UP> mtu 1500 state UP\n    inet 192.0.2.1/24 scope global eth0\n",
  });
  const codes = (args: readonly string[]): readonly string[] =>
    JSON.parse(postern(["check", "--json", ...args]).out).findings.map(
      ({ code }: Record<string, string>) => code,
    );
  const expected = ["host/no-such-interface", "host/no-such-set"];
  expect(codes([path])).toEqual(expected);
  expect(codes([join(path, "rules.v4"), join(path, "ipset.txt"), join(path, "address.txt")])).toEqual(
    expected,
  );
  expect(codes([join(path, "rules.v4")])).toEqual([]);
});

test.each([
  [
    "iptables -L",
    "Chain INPUT (policy DROP)\ntarget prot opt source destination\nACCEPT all -- 0.0.0.0/0 0.0.0.0/0\n",
    "`iptables -L`",
  ],
  ["iptables -S", "-P INPUT DROP\n-A INPUT -j ACCEPT\n", "`iptables -S`"],
  ["nft", "table ip filter {\n chain input {\n  iif lo accept\n }\n}\n", "nft"],
  ["a script", "#!/bin/sh\niptables -F\niptables -A INPUT -j DROP\n", "a script that calls iptables"],
  ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0, 10, 0, 10]), "gzip"],
] as const)("check: a file of %s gets one finding", (name, text, said) => {
  const path = file(`other-${name.replace(" ", "")}`, "");
  writeFileSync(path, text);
  const { findings } = JSON.parse(postern(["check", "--json", path]).out);
  expect(findings.map(({ code }: Record<string, string>) => code)).toEqual(["syntax/not-rules"]);
  expect(findings[0].message).toContain(said);
});

test("check: findings alike are counted beyond the first ten", () => {
  const { out } = postern(["check", "-"], `*filter\n${"-A INPUT -j NOWHERE\n".repeat(300)}COMMIT\n`);
  expect(out.match(/error syntax\/no-such-target/g)).toHaveLength(10);
  expect(out).toContain("<stdin>: 290 more syntax/no-such-target");
  expect(out).toContain("300 errors");
});

test("trace: an empty ruleset in a folder does not stand for the one beside it", () => {
  const path = folderOf("traced", {
    "rules.v4": GOOD,
    "zzz.rules": "# nothing\n",
    "address.txt": "2: eth0: <UP,LOWER_UP> mtu 1500 state UP\n    inet 192.0.2.1/24 scope global eth0\n",
  });
  const { out } = postern(["trace", "tcp 192.0.2.7 > 192.0.2.1:23 in eth0", path]);
  expect(out).toContain("policy");
});

test("check: says how many lines end in CR LF", () => {
  const said = (text: string): string =>
    JSON.parse(postern(["check", "--json", "-"], text).out).findings.find(
      ({ code }: Record<string, string>) => code === "syntax/carriage-return",
    ).message;
  expect(said(GOOD.replaceAll("\n", "\r\n"))).toMatch(/^the lines end in CR LF/);
  expect(said(GOOD.replace("lo -j ACCEPT\n", "lo -j ACCEPT\r\n"))).toMatch(/^1 of 8 lines ends in CR LF/);
});

test("help: names in either case, and no lines beyond 80 columns", () => {
  expect(postern(["help", "MULTIPORT"]).out).toContain("# multiport (match)");
  expect(postern(["help", ""]).err).not.toContain("there is");
  for (const call of [["help"], ["help", "check"], ["help", "trace"], ["check", "--nosuch"]]) {
    const { out, err } = postern(call);
    expect(`${out}${err}`.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

test("standard input is read once", () => {
  expect(postern(["check", "-", "-"], GOOD)).toMatchObject({ code: 2, out: "" });
  expect(postern(["fmt", "-", "-"], GOOD)).toMatchObject({ code: 2, out: "" });
});

test("fmt: bytes that are not UTF-8 come out as they went in", () => {
  const bytes = Buffer.from(
    `*filter\n# \xfc\n-A INPUT -m comment --comment "B\xc3\xbcro \xfc" -j ACCEPT\nCOMMIT\n`,
    "latin1",
  );
  const path = file("latin.rules", "");
  const print = (...args: readonly string[]): Buffer =>
    spawnSync("bin/postern", ["fmt", ...args, path], { encoding: "buffer" }).stdout;
  writeFileSync(path, bytes);
  expect(print()).toEqual(bytes);
  expect(print("--as-saved").includes(Buffer.from("B\xc3\xbcro \xfc", "latin1"))).toBe(true);
  writeFileSync(path, Buffer.concat([bytes, Buffer.from("\n")]));
  print("--write");
  expect(readFileSync(path)).toEqual(bytes);
});

test("a reader that goes away ends the program quietly", () => {
  const run = spawnSync("sh", ["-c", "bin/postern check --json examples/web-node | head -1"], {
    encoding: "utf8",
  });
  expect(run).toMatchObject({ stdout: "{\n", stderr: "" });
});

test("fmt --write replaces regular files only", () => {
  expect(postern(["fmt", "--write", folder])).toMatchObject({ code: 2, out: "" });
  expect(postern(["fmt", "--write", "/dev/null"])).toMatchObject({ code: 0, out: "" });
});

test("fmt mends a byte order mark", () => {
  expect(postern(["fmt", "-"], `\ufeff${GOOD}`)).toMatchObject({ code: 0, out: GOOD });
});

test("help explains codes, extensions and commands", () => {
  expect(postern(["help", "syntax/open-quote"]).out).toContain("# syntax/open-quote");
  expect(postern(["help", "multiport"]).out).toContain("# multiport (match)");
  expect(postern(["help", "LOG"]).out).toContain("# LOG (target)");
  expect(postern(["help", "fmt"]).out).toContain("--as-saved");
});

test("completion scripts name the commands and are accepted by bash", () => {
  const { out } = postern(["completion", "bash"]);
  expect(out).toContain("check) options=");
  if (!existsSync("/bin/bash")) return;
  const complete = (...words: readonly string[]): string =>
    spawnSync(
      "bash",
      [
        "-c",
        `${out}\nCOMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _postern; echo "\${COMPREPLY[*]}"`,
      ],
      { encoding: "utf8" },
    ).stdout.trim();
  expect(spawnSync("bash", ["-n"], { input: out }).status).toBe(0);
  expect(complete("postern", "help", "multip")).toBe("multiport");
  expect(complete("postern", "help", "host/set-f")).toBe("host/set-family");
  expect(complete("postern", "check", "--family", "ipv6")).toBe("ipv6");
});

const CASE = {
  dut: { ifaces: { eth0: { addrs: ["192.0.2.1/24"] } } },
  ruleset: GOOD,
  packets: [
    {
      in: "eth0",
      pkt: { src: "192.0.2.7", dst: "192.0.2.1", proto: "tcp", sport: 4000, dport: 22, flags: "S" },
    },
  ],
};

test("simulate prints counters, packets and connections of each step", () => {
  const { code, out, err } = postern(["simulate", "-"], JSON.stringify(CASE));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { backend, packets } = JSON.parse(out);
  expect(backend).toBe("legacy");
  expect(packets[0].rules).toEqual([{ table: "filter", chain: "INPUT", index: 3, pkts: 1, bytes: 40 }]);
  // Nothing listens: a reset goes back, and with it the connection.
  expect(packets[0].out).toHaveLength(1);
  expect(packets[0].conntrack).toEqual([]);
});

test.each([
  ["no JSON", "{", "case/bad-json", "not JSON"],
  ["a missing field", "{}", "dut:", "postern help case"],
  [
    "an address that is none",
    JSON.stringify({ ...CASE, dut: { ifaces: { eth0: { addrs: ["192.0.2.300/24"] } } } }),
    "dut.ifaces.eth0.addrs[0]",
    "192.0.2.300/24",
  ],
  [
    "a route by no device",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, routes: ["default via 192.0.2.9 dev eth7"] } }),
    "dut.routes[0]",
    'Cannot find device "eth7"',
  ],
  [
    "a routing rule that cannot be read",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, rules: ["fwmark x lookup 10"] } }),
    "dut.rules[0]",
    "0x1/0xff",
  ],
  [
    "a bad packet",
    JSON.stringify({ ...CASE, packets: [{ in: "eth0", hex: "4z" }] }),
    "packets[0]",
    "hexadecimal",
  ],
  ["a bad rule", JSON.stringify({ ...CASE, ruleset: BAD }), "<stdin> ruleset:3:25", "99999"],
])("simulate refuses %s, with its place", (_, input, place, reason) => {
  const { code, out, err } = postern(["simulate", "-"], input);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(place);
  expect(err).toContain(reason);
});

test.each([
  ["a byte order mark", `\ufeff${JSON.stringify(CASE)}`, "<stdin>:1:1", "byte order mark"],
  ["NUL bytes", "\0{\0}", "<stdin>:1:1", "UTF-16"],
  ["a ruleset", GOOD, "<stdin>:1:1", "this is a ruleset"],
  ["an empty file", "", "<stdin>:1:1", "the file is empty"],
  ["a comma too much", '{"dut":{},}', "<stdin>:1:11", '"}" cannot stand'],
  ["endless nesting", "[".repeat(20_000), "<stdin>:1:65", "nests too deep"],
  ["a key that comes twice", '{"dut":{},"dut":{}}', "<stdin>:1:11", "comes twice"],
  ["a misspelt field", JSON.stringify({ ...CASE, rulset: "" }), "rulset", 'did you mean "ruleset"?'],
  [
    "a misspelt field of a packet",
    JSON.stringify({ ...CASE, packets: [{ in: "eth0", delay: 3, pkt: CASE.packets[0]?.pkt }] }),
    "packets[0].delay",
    'did you mean "delay_ms"?',
  ],
  [
    "a misspelt setting",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, sysctl: { "net.ipv4.ip_forwrd": 1 } } }),
    "dut.sysctl",
    "did you mean net.ipv4.ip_forward?",
  ],
  [
    "a setting that is no number",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, sysctl: { "net.ipv4.ip_forward": "yes" } } }),
    "dut.sysctl",
    'not "yes"',
  ],
  [
    "a routing rule with a word too much",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, rules: ["fwmrk 1 lookup 100"] } }),
    "dut.rules[0]",
    "fwmrk",
  ],
  [
    "a table that no list names",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, rules: ["fwmark 1 lookup nosuch"] } }),
    "dut.rules[0]",
    "is not a table",
  ],
  [
    "a gateway that no link reaches",
    JSON.stringify({ ...CASE, dut: { ...CASE.dut, routes: ["default via 8.8.8.8 dev eth0"] } }),
    "dut.routes[0]",
    "Nexthop has invalid gateway",
  ],
  [
    "a device that JavaScript has",
    JSON.stringify({ ...CASE, packets: [{ in: "__proto__", hex: "45" }] }),
    "packets[0]",
    'no interface "__proto__"',
  ],
  [
    "a name that no device has",
    JSON.stringify({ ...CASE, dut: { ifaces: { "a/b": {} } } }),
    "dut.ifaces.a/b",
    "1 to 15 characters",
  ],
  [
    "pkt beside hex",
    JSON.stringify({ ...CASE, packets: [{ in: "eth0", hex: "45", pkt: CASE.packets[0]?.pkt }] }),
    "packets[0]",
    "exclude each other",
  ],
  [
    "an offset between eights",
    JSON.stringify({ ...CASE, packets: [{ in: "eth0", pkt: { ...CASE.packets[0]?.pkt, frag: 5 } }] }),
    "packets[0].pkt.frag",
    "multiple of 8",
  ],
])("simulate refuses %s, at its place", (_, input, place, reason) => {
  const { code, out, err } = postern(["simulate", "-"], input);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  const text = err.replace(/\s+/g, " ");
  expect(text).toContain(place);
  expect(text).toContain(reason);
  for (const line of err.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("simulate says what it does not read, why packets ended without a rule, and what sleep refuses", () => {
  const packets = [
    { in: "eth0", hex: "4500" },
    { cmd: "sleep abc" },
    { cmd: "sleep 1e308" },
    { cmd: "ipset list no" },
  ];
  const { code, out, err } = postern(["simulate", "-"], JSON.stringify({ ...CASE, author: "me", packets }));
  expect(code).toBe(0);
  expect(err).toContain("case/not-read");
  const [packet, ...commands] = JSON.parse(out).packets;
  expect(packet.discarded).toEqual(["shorter than an IPv4 header"]);
  expect(commands.map(({ rc }: { rc: number }) => rc)).toEqual([1, 1, 1]);
});

test("simulate runs a draw of statistic both ways", () => {
  const ruleset = GOOD.replace(
    "-A INPUT -i lo",
    "-A INPUT -m statistic --mode random --probability 0.5 -j DROP\n-A INPUT -i lo",
  );
  const { out } = postern(["simulate", "-"], JSON.stringify({ ...CASE, ruleset }));
  expect(JSON.parse(out).worlds).toHaveLength(2);
});

test("trace refuses two states of a host, typing slips, JSON and nothing at all", () => {
  const path = file("trace.rules", GOOD);
  const again = file("after.rules", GOOD);
  const refused = (...args: string[]): string => {
    const { code, out, err } = postern(["trace", "in eth0 tcp 192.0.2.7 > 192.0.2.1:22", ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    return err.replace(/\s+/g, " ");
  };
  expect(refused(path, again)).toContain("hoststate/listed-twice");
  expect(refused(path, "--route", "default vai 1.2.3.4 dev eth0")).toContain("vai 1.2.3.4");
  expect(refused(path, "--sysctl", "net.ipv4.ip_forwrd=0")).toContain("did you mean net.ipv4.ip_forward?");
  expect(refused(path, "--listen", "ssh")).toContain("--listen tcp:22");
  expect(refused("/dev/null")).toContain("there are no rules");
  expect(refused(file("case.json", JSON.stringify(CASE)))).toContain("is JSON");
  const long = postern(["trace", "x".repeat(100_000), path]);
  expect(long.err.length).toBeLessThan(1000);
  const json = postern(["trace", "10.0.0.5 > 8.8.8.8 sny", path, "--json"]);
  expect({ code: json.code, message: JSON.parse(json.out).errors[0].message }).toEqual({
    code: 2,
    message: '"sny" is not understood',
  });
});

test("help has a page for packets in one line and for case files", () => {
  expect(postern(["help", "packet"]).out).toContain("tcp 203.0.113.7:40000 > 192.0.2.10:443 syn in eth0");
  expect(postern(["help", "case"]).out).toContain('"packets"');
});

test("simulate takes an IPv6 route with bits beyond its length, as the kernel does, and no such IPv4 route", () => {
  const run = (address: string, route: string) =>
    postern(
      ["simulate", "-"],
      JSON.stringify({
        dut: { ifaces: { eth0: { addrs: [address] } }, routes: [route] },
        ruleset: "*filter\nCOMMIT\n",
        packets: [],
      }),
    );
  expect(run("2001:db8:1::1/64", "2001:db8:f:1::/32 dev eth0").code).toBe(0);
  const refused = run("192.0.2.1/24", "10.9.9.1/16 dev eth0");
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("bits set")]);
});

test("one call reads what another writes, however late", () => {
  const path = file("piped.rules", GOOD);
  const run = spawnSync("sh", ["-c", `bin/postern fmt ${path} | bin/postern fmt -`], { encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stdout: GOOD, stderr: "" });
});
