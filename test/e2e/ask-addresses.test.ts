/** `ask spoof`, `services`, `lockout` and `invalid` as a person runs them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "postern-ask-"));
afterAll(() => rmSync(folder, { recursive: true }));

function ask(args: readonly string[]): { code: number | null; out: string; err: string } {
  const run = spawnSync("bin/postern", ["ask", ...args], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return {
    code: run.status,
    out: run.stdout.replaceAll(folder, "."),
    err: run.stderr.replaceAll(folder, "."),
  };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const RULES = file(
  "rules.v4",
  `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A INPUT -s 10.0.0.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -i eth1 ! -s 10.0.0.0/24 -j DROP
-A FORWARD -s 10.0.0.0/24 -d 192.0.2.1/32 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
);
const INTERFACES = file("I.json", '{"eth0": ["0.0.0.0/0", "!10.0.0.0/24"], "eth1": "10.0.0.1/24"}');

test("spoof: what is proved and what gets through, and it ends with 1", () => {
  const { code, out } = ask(["spoof", RULES, "--interfaces", INTERFACES]);
  // Lines are wrapped by the length of the folder's name.
  expect(out.replace(/\n {6}/g, " ")).toBe(`eth0: not safe
  such as tcp in eth0 state NEW src 10.0.0.1 dst 192.0.2.1 dport 22
  accepted by ./rules.v4:8: -A FORWARD -s 10.0.0.0/24 -d 192.0.2.1/32 -p tcp -m tcp --dport 22 -j ACCEPT
eth1: safe, proved for all packets
`);
  expect(code).toBe(1);
});

test("spoof: the answer for machines", () => {
  const { out } = ask(["spoof", RULES, "--interfaces", INTERFACES, "--json"]);
  expect(JSON.parse(out)).toEqual([
    {
      interface: "eth0",
      safe: false,
      exact: true,
      witness: {
        protocol: "tcp",
        in: "eth0",
        ctstate: "NEW",
        src: "10.0.0.1",
        dst: "192.0.2.1",
        dport: "22",
      },
      acceptedBy: {
        table: "filter",
        chain: "FORWARD",
        index: 2,
        line: 8,
        text: "-A FORWARD -s 10.0.0.0/24 -d 192.0.2.1/32 -p tcp -m tcp --dport 22 -j ACCEPT",
      },
    },
    { interface: "eth1", safe: true, exact: true, witness: null },
  ]);
});

test("spoof: what is wrong in the file of interfaces is named with its place", () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["{", "./wrong.json is not JSON"],
    ["[]", "./wrong.json: Invalid input"],
    ['{"eth0": [1]}', "./wrong.json at eth0"],
    ['{"eth0": ["10.0.0.0/24", "10.0.0.0/33"]}', './wrong.json at eth0[1]: "10.0.0.0/33" is no address'],
    ['{"eth0": "nobody"}', './wrong.json at eth0: "nobody" is no address'],
    ['{"a name": []}', 'wrong.json: "a name" is no interface name'],
    ["{}", "./wrong.json names no interface"],
  ];
  for (const [text, said] of wrong) {
    const { code, err } = ask(["spoof", RULES, "--interfaces", file("wrong.json", text)]);
    expect(err.replace(/\s+/g, " ")).toContain(said);
    expect(code).toBe(2);
  }
  const output = ask(["spoof", RULES, "--interfaces", INTERFACES, "--chain", "OUTPUT"]);
  expect(output.err).toContain("knows no interface that packets came in by");
});

test("services: groups and edges, for machines and as a graph", () => {
  const { code, out } = ask(["services", RULES, "--chain", "FORWARD", "--service", "tcp/ssh", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    groups: [
      { id: 1, size: "4294967039" },
      { id: 2, addresses: ["10.0.0.0/24"], size: "256" },
      { id: 3, addresses: ["192.0.2.1"], size: "1" },
    ],
    edges: [[2, 3]],
    exact: true,
  });
  expect(code).toBe(0);
  const text = ask(["services", RULES, "--chain", "FORWARD", "--service", "tcp/22"]).out;
  expect(text).toContain("FORWARD tcp/22: 3 groups of addresses, 1 allowed pair of groups");
  expect(text).toContain("2: 10.0.0.0/24 (256)\n   reaches 3\n");
  const dot = ask(["services", RULES, "--chain", "FORWARD", "--service", "tcp/22", "--dot"]).out;
  expect(dot).toMatch(
    /^digraph services \{\n(.*\n)* {2}g2 \[label="group 2\\n10\.0\.0\.0\/24"\];\n(.*\n)* {2}g2 -> g3;\n\}\n$/,
  );
});

test("services: a service that is none is refused", () => {
  for (const [service, said] of [
    ["tcp", "it has no port"],
    ["tcp/65536", 'there is no port "65536"'],
    ["esp/3", "esp has no ports"],
    ["nothing/3", 'there is no protocol "nothing"'],
    ["tcp/22/23", "more than two parts"],
  ] as const) {
    const { code, err } = ask(["services", RULES, "--chain", "FORWARD", "--service", service]);
    expect(err.replace(/\s+/g, " ")).toContain(said);
    expect(code).toBe(2);
  }
});

test("lockout: holds with 0, fails with 1 and a packet that is lost", () => {
  const good = ask(["lockout", RULES, "--admin", "10.0.0.0/25,10.0.0.200"]);
  expect(good.out).toBe(`10.0.0.0/25,10.0.0.200 to TCP port 22: every connection works
  first packet (INPUT): all accepted, proved
  replies (OUTPUT): all accepted, proved
  further packets (INPUT): all accepted, proved
`);
  expect(good.code).toBe(0);
  const bad = ask(["lockout", RULES, "--admin", "10.0.0.0/23", "--interface", "eth1", "--json"]);
  expect(JSON.parse(bad.out)).toMatchObject({
    holds: false,
    exact: true,
    parts: [
      { holds: false, witness: { in: "eth1", src: "10.0.1.1" }, lostBy: { chain: "INPUT", policy: "DROP" } },
      { holds: true },
      { holds: true },
    ],
  });
  expect(bad.code).toBe(1);
  expect(ask(["lockout", RULES, "--admin", "10.0.0.0/40"]).err).toContain(
    '--admin: "10.0.0.0/40" is no address',
  );
  expect(ask(["lockout", RULES, "--admin", "10.0.0.1", "--port", "0"]).err).toContain('"0" is no TCP port');
});

test("invalid: what each chain accepts", () => {
  const { out, code } = ask(["invalid", RULES]);
  expect(out).toContain("INPUT: INVALID packets are accepted:\n  tcp src 10.0.0.0/24 dport 22\n");
  expect(out).toContain("OUTPUT: INVALID packets are accepted:\n  any packet\n");
  expect(code).toBe(0);
  const [input] = JSON.parse(ask(["invalid", RULES, "--json"]).out);
  expect(input).toMatchObject({ chain: "INPUT", passes: true, exact: true, acceptedBy: { line: 6 } });
});

test.each(["spoof", "services", "invalid", "lockout"])(
  "docs/queries/%s.md: the example says what the program says",
  (name) => {
    const page = readFileSync(`docs/queries/${name}.md`, "utf8").split("## Example\n")[1] as string;
    const [rules, said] = [...page.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].map(([block]) =>
      block.replace(/^ {4}/gm, "").trim(),
    );
    const place = mkdtempSync(join(folder, "page-"));
    writeFileSync(join(place, "rules.v4"), `${rules}\n`);
    const json = /With `(\{.*\})` in I\.json/.exec(page)?.[1];
    if (json !== undefined) writeFileSync(join(place, "I.json"), json);
    const command = /`postern (ask [^`]*)` says/.exec(page)?.[1] as string;
    const run = spawnSync(join(process.cwd(), "bin/postern"), command.split(" "), {
      cwd: place,
      encoding: "utf8",
    });
    expect(run.stdout.trim()).toBe(said);
  },
);
