/** `postern ask` as a person or a program calls it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "postern-ask-"));
afterAll(() => rmSync(folder, { recursive: true }));
const HOST = "test/trace/host";

function ask(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync("bin/postern", ["ask", ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

function file(name: string, rules: string): string {
  const path = join(folder, name);
  writeFileSync(path, `*filter\n:FORWARD DROP [0:0]\n${rules}COMMIT\n`);
  return path;
}

const RULE = "-A FORWARD -s 10.0.0.0/8 -d 192.0.2.1/32 -p tcp -m tcp --dport 80 -j ACCEPT\n";

test("permitted: the number, exactly", () => {
  const { code, out } = ask("permitted", file("a.rules", RULE), "--chain", "FORWARD", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ count: `${2 ** 40}`, fraction: 2 ** -64, exact: true });
});

test("permitted: a chain that is not there is named, with those that are", () => {
  const { code, err } = ask("permitted", file("a.rules", RULE), "--chain", "FORWRD");
  expect(code).toBe(2);
  expect(err).toContain('no chain "FORWRD"');
  expect(err).toContain("FORWARD");
});

test("diff: 1 and the rules of both sides, or 0 and a proof", () => {
  const [a, b] = [file("a.rules", RULE), file("b.rules", RULE.replace("80", "81"))];
  const different = ask("diff", a, b);
  expect(different.code).toBe(1);
  expect(different.out).toContain(
    "filter FORWARD: accept becomes drop\n  tcp src 10.0.0.0/8 dst 192.0.2.1 dport 80\n",
  );
  expect(different.out).toContain("a.rules:3: -A FORWARD");
  expect(ask("diff", a, a)).toMatchObject({ code: 0, err: "" });
  const { equal, changes } = JSON.parse(ask("diff", a, b, "--json").out);
  expect([equal, changes.length]).toEqual([false, 2]);
});

test("exposure, reach and who-can of a host's listings", () => {
  expect(ask("who-can", "to 198.51.100.1 tcp:22", HOST)).toEqual({
    code: 0,
    out: "eth0 from 10.0.0.16/28\n",
    err: "",
  });
  const reach = ask("reach", "from 10.0.0.0/24 to 198.51.100.1 tcp:22 in eth0", HOST);
  expect(reach.code).toBe(1);
  expect(reach.out).toMatch(
    /^Some of these packets get through, others do not\.\n\npass: to this host\n {2}tcp in eth0 src 10\.0\.0\.16\/28 /,
  );
  expect(ask("reach", "from 10.0.0.16/28 to 198.51.100.1 tcp:22 in eth0", HOST).code).toBe(0);
  const { services } = JSON.parse(ask("exposure", HOST, "--from", "eth0", "--json").out);
  expect(services[0]).toMatchObject({
    protocol: "tcp",
    port: "22",
    to: "this host",
    sources: "10.0.0.16/28",
    exact: true,
  });
});

test.each([
  [["exposure", HOST, "--from", "eth7"], 'no interface "eth7"; it has lo, eth0'],
  [["reach", "to nowhere", HOST], '"nowhere" is not an IPv4 address or prefix'],
  [["diff", "absent.rules", "absent.rules"], 'cannot read "absent.rules"'],
  [["who-can", "tcp:22", HOST, "--family", "ipv6"], "no ipv6 ruleset"],
])("%j is refused: %s", (args, message) => {
  const { code, out, err } = ask(...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(message);
  expect(err).not.toContain("    at ");
});

test("rules with errors are shown with their places, and nothing is answered", () => {
  const { code, err } = ask(
    "permitted",
    file("bad.rules", "-A FORWARD -p tcp --dport 99999 -j ACCEPT\n"),
    "--chain",
    "FORWARD",
  );
  expect(code).toBe(2);
  expect(err).toContain("bad.rules:3:27: error xt/bad-port");
});
