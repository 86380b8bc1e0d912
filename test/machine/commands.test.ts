/** Commands between packets, and settings, that the lab cannot give its host or that must be refused whole. */
import { expect, test } from "vitest";
import {
  type CaseFile,
  type CaseResult,
  type CommandResult,
  type PacketResult,
  runCase,
} from "../../src/cases/index.ts";

const packet = (sport: number): CaseFile["packets"][number] => ({
  in: "eth0",
  pkt: { src: "10.0.0.2", dst: "192.0.2.10", proto: "udp", sport, dport: 53 },
});

function run(packets: CaseFile["packets"], sysctl: Record<string, number> = {}) {
  const result = runCase("case", {
    dut: {
      ifaces: { eth0: { addrs: ["10.0.0.1/24"] }, eth1: { addrs: ["203.0.113.1/24"] } },
      routes: ["default via 203.0.113.254 dev eth1"],
      sysctl: { "net.ipv4.ip_forward": 1, ...sysctl },
    },
    ruleset: "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate NEW\nCOMMIT\n",
    packets,
  }) as CaseResult;
  return result.packets.map((each) =>
    "cmd" in each ? (each as CommandResult).rc : ((each as PacketResult).conntrack?.length ?? 0),
  );
}

test.each(["-s nonsense", "-p nosuch", "--sport x", "--dport", "-m 1/x", "-w one", "--zone 1.5"])(
  "conntrack -D %s deletes nothing",
  (selector) => {
    expect(run([packet(1), { cmd: `conntrack -D ${selector}` }, packet(2)])).toEqual([1, 2, 2]);
  },
);

test("conntrack -D deletes what its selectors say", () => {
  const deletion = { cmd: "conntrack -D -p udp --sport 1 -s 10.0.0.2" };
  expect(run([packet(1), packet(2), deletion, packet(3)])).toEqual([1, 2, 0, 2]);
  expect(run([packet(1), deletion, deletion])).toEqual([1, 0, 1]);
});

test("sleep goes forward only", () => {
  expect(run([packet(1), { cmd: "sleep -40" }, { cmd: "sleep soon" }, packet(2)])).toEqual([1, 1, 1, 2]);
  expect(run([packet(1), { cmd: "sleep 40" }, packet(2)])).toEqual([1, 0, 1]);
});

test("a full table gives up a connection without a reply; a maximum of 0 is none", () => {
  const max = "net.netfilter.nf_conntrack_max";
  expect(run([packet(1), packet(2), packet(3)], { [max]: 2 })).toEqual([1, 2, 2]);
  expect(run([packet(1), packet(2), packet(3)], { [max]: 0 })).toEqual([1, 2, 3]);
});
