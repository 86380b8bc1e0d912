/** `postern replay` as a person runs it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildPacket } from "../../src/cases/index.ts";
import { pcap } from "../support/capture.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function replay(args: readonly string[], input?: Uint8Array) {
  const run = spawnSync("bin/postern", ["replay", ...args], {
    ...(input !== undefined && { input }),
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const tcp = (sport: number, dport: number, flags: string, seq: number): Uint8Array =>
  buildPacket({
    src: "192.0.2.1",
    dst: "10.0.0.1",
    proto: "tcp",
    sport,
    dport,
    flags,
    seq,
  } as never) as Uint8Array;

const CAPTURE = pcap(
  [tcp(1000, 80, "S", 1), tcp(1001, 22, "S", 1), tcp(1001, 22, "S", 1)].map((packet, at) => ({
    packet,
    timeMs: 1_700_000_000_000 + 500 * at,
  })),
);
const RULES =
  "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n-A FORWARD -p tcp -j REJECT\nCOMMIT\n";

const capture = file("monday.pcap", CAPTURE);
const old = file("old.rules", RULES);
const changed = file("new.rules", RULES.replace("--dport 80", "-m multiport --dports 22,80"));

test("one ruleset: totals, connections and rules with their lines", () => {
  const { code, out, err } = replay([capture, old]);
  expect(err).toBe("");
  expect(code).toBe(0);
  const inOneLine = out.replaceAll(/\s+/g, " ");
  expect(inOneLine).toContain("3 packets in 2 connections, through FORWARD");
  expect(out).toMatch(/ 1 packets accepted, 40 bytes\n +2 packets rejected, 80 bytes/);
  expect(out).toContain("connections: 1 passed, 1 refused, 0 in part");
  expect(inOneLine).toContain("old.rules:7: -A FORWARD -p tcp -j REJECT");
});

test("two rulesets: what differs, as JSON", () => {
  const { code, out } = replay([capture, old, changed, "--json", "--packets", "1", "--connections"]);
  expect(code).toBe(1);
  const answer = JSON.parse(out);
  expect(answer).toMatchObject({
    packets: 3,
    connections: 2,
    packetsPerSecond: expect.any(Number),
    from: "2023-11-14T22:13:20.000Z",
    rulesets: [
      { file: old, verdicts: { accept: { packets: 1 }, reject: { packets: 2 } } },
      { file: changed, verdicts: { accept: { packets: 3 }, reject: { packets: 0 } } },
    ],
    differences: {
      packets: 2,
      connections: 1,
      groups: [
        {
          before: { verdict: "reject", rule: { chain: "FORWARD", index: 3, line: 7 } },
          after: { verdict: "accept", rule: { chain: "FORWARD", index: 2, line: 6 } },
          packets: 2,
        },
      ],
    },
    listedPackets: [{ number: 1, connection: { dport: 80 }, judgements: [{ verdict: "accept" }, {}] }],
  });
  expect(answer.listedConnections).toHaveLength(2);
});

test("equal on this traffic: exit code 0", () => {
  const { code, out } = replay([capture, old, old]);
  expect(code).toBe(0);
  expect(out).toContain("No difference");
});

test("standard input, and a capture that breaks off", () => {
  const { code, out, err } = replay(["-", old, "--hook", "INPUT"], CAPTURE.subarray(0, CAPTURE.length - 3));
  expect(err).toContain("-: byte 164: the file ends inside a packet; what stands before is replayed");
  expect(out.replaceAll(/\s+/g, " ")).toContain("2 packets in 2 connections, through INPUT");
  expect(code).toBe(1);
});

test.each([
  ["a capture that is none", [old, old], "byte 0: not a pcap or pcapng file"],
  ["a capture that is not there", [join(folder, "none"), old], "there is no such file"],
  ["a folder", [folder, old], "it is a folder"],
  [
    "rules with errors",
    [capture, file("bad.rules", "*filter\n-A FORWARD --no\nCOMMIT\n")],
    "nothing was replayed",
  ],
  ["a number that is none", [capture, old, "--top", "x"], "not a whole number"],
])("refuses %s", (_, args, message) => {
  const { code, out, err } = replay(args);
  // Long lines are broken at 80 columns.
  expect(err.replace(/\n +/g, " ")).toContain(message);
  expect(err).not.toContain("    at ");
  expect([code, out]).toEqual([2, ""]);
});
