/** What nobody can know: each outcome is a world of its own, and says what it assumes. */
import { expect, test } from "vitest";
import { type CaseFile, type CaseResult, type PacketResult, runCase } from "../../src/cases/index.ts";

const dut: CaseFile["dut"] = {
  ifaces: {
    eth0: { addrs: ["10.0.0.1/24"] },
    eth1: { addrs: ["203.0.113.1/24"] },
    eth2: { addrs: ["198.51.100.1/24"] },
  },
  routes: ["default via 203.0.113.254 dev eth1"],
  sysctl: { "net.ipv4.ip_forward": 1 },
};
const packet = (sport = 5000): CaseFile["packets"][number] => ({
  in: "eth0",
  pkt: { src: "10.0.0.2", dst: "192.0.2.10", proto: "udp", sport, dport: 53 },
});

/** Per world: what is assumed, which rules counted, and by which devices something left. */
function worlds(file: Partial<CaseFile>): string[] {
  const result = runCase("case", { dut, packets: [packet()], ...file }) as CaseResult;
  expect(result).toHaveProperty("packets");
  return (result.worlds ?? [{ assuming: [], packets: result.packets }]).map(({ assuming, packets }) => {
    const assumed = assuming.map(({ what, holds }) => `${holds ? "" : "not "}${what}`).join(", ");
    const seen = (packets as readonly PacketResult[]).map(({ rules, out }) =>
      [...rules.map(({ index }) => `rule ${index}`), ...out.map(({ iface }) => iface)].join(" "),
    );
    return `${assumed}: ${seen.join("; ")}`;
  });
}

const filter = (...rules: readonly string[]): string =>
  `*filter\n:FORWARD ACCEPT [0:0]\n${rules.map((rule) => `${rule}\n`).join("")}COMMIT\n`;

test("a target that nobody knows may go on, accept or drop", () => {
  expect(worlds({ ruleset: filter("-A FORWARD -j NOVELTY --odd 1", "-A FORWARD -p udp") })).toEqual([
    "not filter FORWARD 1: NOVELTY lets the packet go on, not filter FORWARD 1: NOVELTY: rule 1",
    "filter FORWARD 1: NOVELTY lets the packet go on: rule 1 rule 2 eth1",
    "not filter FORWARD 1: NOVELTY lets the packet go on, filter FORWARD 1: NOVELTY: rule 1 eth1",
  ]);
});

test("a queue accepts or drops; what SYNPROXY does not take goes on", () => {
  expect(worlds({ ruleset: filter("-A FORWARD -j NFQUEUE", "-A FORWARD -p udp") })).toEqual([
    "not filter FORWARD 1: NFQUEUE: rule 1",
    "filter FORWARD 1: NFQUEUE: rule 1 eth1",
  ]);
  const tcp = { in: "eth0", pkt: { src: "10.0.0.2", dst: "192.0.2.10", sport: 5000, dport: 80 } };
  expect(
    worlds({ ruleset: filter("-A FORWARD -p tcp -j SYNPROXY", "-A FORWARD -p tcp"), packets: [tcp] }),
  ).toEqual([
    "not filter FORWARD 1: SYNPROXY lets the packet go on: rule 1",
    "filter FORWARD 1: SYNPROXY lets the packet go on: rule 1 rule 2 eth1",
  ]);
});

const several = {
  ...dut,
  routes: ["default nexthop via 203.0.113.254 dev eth1 nexthop via 198.51.100.254 dev eth2"],
};

test("of several next hops nobody knows which; the same flow takes the same", () => {
  const first = "next hop from 10.0.0.2 to 192.0.2.10: 203.0.113.254 eth1";
  expect(worlds({ dut: several, packets: [packet(), packet(5001)] })).toEqual([
    `not ${first}: eth2; eth2`,
    `${first}: eth1; eth1`,
  ]);
});

test("with ports in the hash, flows between the same hosts choose apart", () => {
  const sysctl = { ...dut.sysctl, "net.ipv4.fib_multipath_hash_policy": 1 };
  const found = worlds({ dut: { ...several, sysctl }, packets: [packet(), packet(5001)] });
  expect(found.map((line) => line.replace(/^.*: /, "")).sort()).toEqual([
    "eth1; eth1",
    "eth1; eth2",
    "eth2; eth1",
    "eth2; eth2",
  ]);
});
