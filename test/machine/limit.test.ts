/**
 * `limit` refills by the clock of the backend, seen on Linux 6.18 with HZ 250: the ticks of legacy are too coarse for a
 * thousand a second, the nanoseconds of nft are not. A recorded run knows only ticks, hence the virtual clock.
 */
import { expect, test } from "vitest";
import { type CaseResult, type PacketResult, runCase } from "../../src/cases/index.ts";
import type { Backend } from "../../src/xt/index.ts";

/** How many of `count` packets `everyMs` apart a limit lets through. */
function passed(backend: Backend, limit: string, count: number, everyMs: number): number {
  const result = runCase("case", {
    backend,
    dut: {
      ifaces: { eth0: { addrs: ["10.0.0.1/24"] }, eth1: { addrs: ["203.0.113.1/24"] } },
      routes: ["default via 203.0.113.254 dev eth1"],
      sysctl: { "net.ipv4.ip_forward": 1 },
    },
    ruleset: `*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m limit ${limit} -j ACCEPT\nCOMMIT\n`,
    packets: Array.from({ length: count }, (_, at) => ({
      in: "eth0",
      pkt: { src: "10.0.0.2", dst: "192.0.2.10", proto: "udp", sport: 1, dport: 2 },
      delay_ms: at === 0 ? 0 : everyMs,
    })),
  }) as CaseResult;
  return (result.packets as readonly PacketResult[]).filter(({ out }) => out.length > 0).length;
}

test("1000 a second at a packet each 2.5 ms: nft lets all through, legacy two of three", () => {
  expect(passed("nft", "--limit 1000/sec --limit-burst 1", 20, 2.5)).toBe(20);
  const legacy = passed("legacy", "--limit 1000/sec --limit-burst 1", 20, 2.5);
  expect(legacy).toBeGreaterThanOrEqual(12);
  expect(legacy).toBeLessThanOrEqual(14);
});

test.each(["legacy", "nft"] as const)("a burst passes at once, then one at a time (%s)", (backend) => {
  expect(passed(backend, "--limit 1/sec --limit-burst 5", 20, 0)).toBe(5);
  // 19 * 250 ms later four more tokens have come in.
  expect(passed(backend, "--limit 1/sec --limit-burst 5", 20, 250)).toBe(9);
  expect(passed(backend, "--limit 10/sec --limit-burst 1", 20, 100)).toBe(20);
});
