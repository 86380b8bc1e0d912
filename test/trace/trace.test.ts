/** Journeys through the gateway of `host/`, word for word as a person reads them, and as JSON. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const HOST = "test/trace/host";

function trace(packet: string, ...options: readonly string[]): { text: string; status: number | null } {
  const run = spawnSync(process.execPath, ["src/cli/main.ts", "trace", packet, HOST, ...options], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { text: `${run.stdout}${run.stderr}`, status: run.status };
}

test.each([
  ["published-service", "203.0.113.7:40000 > 192.0.2.1 tcp:443 in eth1", 0],
  ["published-without-forward", "203.0.113.7 > 192.0.2.1 tcp:25 in eth1", 1],
  ["mark-to-uplink", "10.0.0.70 > 203.0.113.9 tcp:443", 0],
  ["known-connection", "203.0.113.9:22 > 198.51.100.1:50000 tcp ack in eth2", 0],
  ["near-miss", "10.0.0.40 > 10.0.0.1 tcp:22", 1],
  ["own-packet-rejected", "out tcp > 203.0.113.7:25 uid=1000", 1],
  ["owner-unknown", "out tcp > 203.0.113.7:25", 1],
  ["somewhere", "in eth0 from 10.0.0.70 tcp:443", 0],
  ["kernel-log", "IN=eth0 OUT= SRC=10.0.0.40 DST=10.0.0.1 LEN=60 TTL=64 PROTO=TCP SPT=4000 DPT=22 SYN", 1],
  ["cut-into-fragments", "10.0.0.3 > 203.0.113.7 udp:53 len=3000", 0],
  ["own-packet-cut", "out udp > 203.0.113.7:53 len=3000", 0],
  ["ttl-expired", "10.0.0.5 > 203.0.113.7 udp:123 in eth0 ttl=1", 1],
  ["unknown-match", "10.0.0.70 > 203.0.113.9 tcp:123", 1],
  ["reverse-path", "10.0.0.5 > 203.0.113.7 tcp:80 in eth1", 1],
  ["echo-request", "icmp echo-request 10.0.0.5 > 203.0.113.7", 0],
  ["no-header", "in eth0 hex ffffffffffffffffffffffffffffffffffffffff", 1],
])("%s", async (name, packet, status) => {
  const { text, status: own } = trace(packet);
  await expect(`$ postern trace "${packet}" host\n${text}`).toMatchFileSnapshot(`expected/${name}.txt`);
  expect(own).toBe(status);
});

test("the packet in hexadecimal digits is the packet in words", () => {
  const words = JSON.parse(trace("10.0.0.70 > 203.0.113.9 tcp:443 in eth0", "--json").text);
  const { bytes } = words.journeys[0].steps.find((step: { kind: string }) => step.kind === "route");
  const digits = JSON.parse(trace(`hex ${bytes} in eth0`, "--json").text);
  expect(digits.outcome).toEqual(words.outcome);
  expect(digits.outcome).toMatchObject({ kind: "leaves", device: "eth2", mark: 2 });
});

test("who listens on a host is in no listing: rules that ask it are followed both ways", () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-"));
  const rules = join(folder, "iptables-save.txt");
  writeFileSync(rules, "*filter\n:INPUT DROP [0:0]\n-A INPUT -m socket -j ACCEPT\nCOMMIT\n");
  const run = spawnSync(
    process.execPath,
    [
      "src/cli/main.ts",
      "trace",
      "tcp 203.0.113.9:4000 > 192.0.2.1:22 syn in eth0",
      rules,
      "--address",
      "eth0=192.0.2.1/24",
      "--json",
    ],
    { encoding: "utf8" },
  );
  rmSync(folder, { recursive: true });
  const { outcome, otherwise } = JSON.parse(run.stdout);
  expect(outcome.kind).toBe("dropped");
  expect(otherwise[0].assuming).toEqual([{ what: "filter INPUT 1: -m socket", holds: true }]);
  expect(otherwise[0].outcome.kind).toBe("delivered");
});

test.each([
  ["there is no device", "10.0.0.5 > 8.8.8.8 in eth9"],
  ["not understood", "10.0.0.5 > 8.8.8.8 tpc:80"],
  ["from 0 to 255", "10.0.0.5 > 8.8.8.8 ttl=256"],
  ["shorter than an IP header", "hex 45"],
])("says %s, and traces nothing", (message, packet) => {
  const { text, status } = trace(packet);
  expect(text).toContain(message);
  expect(status).toBe(2);
});
