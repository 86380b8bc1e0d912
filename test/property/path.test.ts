/**
 * The whole path as a proof against the machine: random hosts with marks, routing rules, translation and filters, and single
 * packets of new connections. Each must end where the diagram says: delivered, forwarded by that device (translated so), or
 * nowhere. A failure prints the case.
 */
import { expect, test } from "vitest";
import { type Rng, seededRng } from "../../src/base/index.ts";
import { planCase } from "../../src/cases/build-host.ts";
import { buildPacket, type CaseFile } from "../../src/cases/index.ts";
import { parseIpAddress, parseIpRoute, parseIpRule } from "../../src/hoststate/index.ts";
import { parseIpv4, printIpv4 } from "../../src/net/index.ts";
import type { FieldName } from "../../src/pktset/index.ts";
import { hostContext, Path } from "../../src/reach/index.ts";
import { receive, World } from "../../src/sim/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";

const HOSTS = 150;
const PACKETS = 40;
const SEED = 20261126;

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)] as T;

const ADDRESSES: Readonly<Record<string, string>> = {
  lan: "10.0.0.1/24",
  dmz: "10.0.1.1/24",
  wan: "198.51.100.1/24",
  alt: "203.0.113.1/24",
};
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  lan: ["10.0.0.5", "10.0.0.77"],
  dmz: ["10.0.1.9"],
  wan: ["192.0.2.7", "8.8.8.8"],
  alt: ["192.0.2.8"],
};
const DESTINATIONS = [
  "10.0.0.5",
  "10.0.0.1",
  "10.0.1.9",
  "10.0.1.10",
  "198.51.100.1",
  "203.0.113.1",
  "192.0.2.99",
  "9.9.9.9",
];
const PORTS = [22, 80, 443, 8080];

function match(rng: Rng, inOnly: boolean): string {
  const not = rng.below(4) === 0 ? "! " : "";
  switch (rng.below(inOnly ? 5 : 6)) {
    case 0:
      return `${not}-s ${pick(rng, ["10.0.0.0/24", "10.0.0.64/26", "192.0.2.0/24", "8.8.8.8"])}`;
    case 1:
      return `${not}-d ${pick(rng, ["10.0.1.0/24", "10.0.1.9", "198.51.100.1", "9.9.9.9", "10.0.0.0/23"])}`;
    case 2:
      return `-p tcp ${not}--dport ${pick(rng, [...PORTS, "80:443"])}`;
    case 3:
      return `${not}-i ${pick(rng, ["lan", "wan", "a+", "dmz"])}`;
    case 4:
      return `-m mark ${not}--mark ${pick(rng, ["1", "2/3", "0"])}`;
    default:
      return `${not}-o ${pick(rng, ["lan", "dmz", "wan", "alt"])}`;
  }
}

function ruleset(rng: Rng): string {
  const rules = (chain: string, most: number, target: () => string, inOnly: boolean): string =>
    Array.from({ length: rng.below(most) }, () => `-A ${chain} ${match(rng, inOnly)} -j ${target()}\n`).join(
      "",
    );
  const mark = (): string => `MARK --set-xmark ${pick(rng, ["0x1", "0x2/0x3", "0x0", "0x1/0x1"])}`;
  const verdict = (): string => pick(rng, ["ACCEPT", "DROP", "DROP"]);
  const dnat = Array.from(
    { length: rng.below(4) },
    () =>
      `-A PREROUTING ${pick(rng, ["", "-i wan ", "-d 198.51.100.1 "])}-p tcp --dport ${pick(rng, PORTS)} -j DNAT --to-destination ${pick(rng, ["10.0.1.9", "10.0.1.9:8080", "10.0.0.5:22", ":443"])}\n`,
  ).join("");
  const policy = (): string => pick(rng, ["ACCEPT", "DROP"]);
  return `*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n${rules("PREROUTING", 5, mark, true)}${rules("FORWARD", 2, verdict, false)}COMMIT
*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n${dnat}${pick(rng, ["", "-A POSTROUTING -o wan -j MASQUERADE\n", "-A POSTROUTING -s 10.0.0.0/24 -j SNAT --to-source 198.51.100.1\n"])}COMMIT
*filter\n:INPUT ${policy()} [0:0]\n:FORWARD ${policy()} [0:0]\n${rules("INPUT", 4, verdict, true)}${rules("FORWARD", 6, verdict, false)}COMMIT\n`;
}

test(`${HOSTS} hosts, ${PACKETS} packets each: every new connection goes the way that the proof says`, () => {
  const rng = seededRng(SEED);
  const seen = new Map<string, number>();
  for (let round = 0; round < HOSTS; round++) {
    const rules = ruleset(rng);
    const routing = Array.from({ length: rng.below(3) }, () =>
      pick(rng, [
        "fwmark 1 lookup 100",
        "fwmark 0x2/0x3 lookup 100",
        "from 10.0.0.64/26 lookup 100",
        "iif dmz lookup 100",
        "to 9.9.9.9 lookup 100",
      ]),
    );
    const routes = [
      "default via 198.51.100.254 dev wan",
      "default via 203.0.113.254 dev alt table 100",
      ...(rng.below(2) === 0 ? ["throw 192.0.2.0/24 table 100"] : []),
    ];
    const file = {
      backend: "nft",
      dut: {
        ifaces: Object.fromEntries(
          Object.entries(ADDRESSES).map(([name, address]) => [name, { addrs: [address] }]),
        ),
        routes,
        rules: routing.map((rule, at) => `${rule} priority ${100 + at}`),
        sysctl: {
          "net.ipv4.ip_forward": 1,
          "net.ipv4.conf.all.rp_filter": 0,
          "net.ipv4.conf.default.rp_filter": 0,
        },
      },
      ruleset: rules,
      packets: [],
    } as unknown as CaseFile;
    const plan = planCase({ source: "random" }, file, "nft");
    expect(
      plan.diagnostics.filter(({ severity }) => severity === "error"),
      rules,
    ).toEqual([]);
    const listing = Object.entries(ADDRESSES)
      .map(
        ([name, address], at) =>
          `${at + 2}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    inet ${address} brd ${address.replace(/\d+\/24/, "255")} scope global ${name}\n`,
      )
      .join("");
    const { interfaces } = parseIpAddress(listing, "addresses");
    const connected = Object.entries(ADDRESSES).map(
      ([name, address]) => `${address.replace(/1\/24/, "0/24")} dev ${name} scope link`,
    );
    const { ruleset: parsed } = parseRestore({ source: "random", text: rules, family: "ipv4" });
    const path = new Path({
      ruleset: parsed,
      context: hostContext("ipv4", "nft", { interfaces }),
      routing: {
        interfaces,
        routes: parseIpRoute([...routes, ...connected].join("\n"), "routes").routes,
        rules: parseIpRule(
          [
            "0: from all lookup local",
            ...routing.map((rule, at) => `${100 + at}: ${rule.startsWith("from") ? "" : "from all "}${rule}`),
            "32766: from all lookup main",
            "32767: from all lookup default",
          ].join("\n"),
          "rules",
        ).rules,
      },
      assumptions: new Map<FieldName, number>([
        ["ctstate", 1],
        ["ctdir", 0],
        ["ctstatus", 0],
        ["fragment", 0],
        ["mark", 0],
      ]),
      fields: ["src", "dst", "protocol", "dport", "in"],
    });
    for (let count = 0; count < PACKETS; count++) {
      const device = pick(rng, Object.keys(ADDRESSES));
      const [src, dst] = [pick(rng, SOURCES[device] as readonly string[]), pick(rng, DESTINATIONS)];
      const dport = pick(rng, PORTS);
      const bytes = buildPacket({
        src,
        dst,
        proto: "tcp",
        sport: 40000,
        dport,
        flags: "S",
      } as never) as Uint8Array;
      const host = plan.makeHost(new World([], seededRng(1)));
      host.emitted = [];
      host.delivered = [];
      receive(host, device, bytes, { sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 9), type: "host" });
      const values = new Map<FieldName, number>([
        ["src", parseIpv4(src) as number],
        ["dst", parseIpv4(dst) as number],
        ["protocol", 6],
        ["sport", 40000],
        ["dport", dport],
        ["in", path.space.interfaces.numberOf(device)],
      ]);
      const tuple = path.space.order.flatMap(({ field }) => [
        ...path.space.split(field, values.get(field) ?? 0),
      ]);
      const possible = path.outcomes.of(path.space.diagrams.evaluate(path.incoming, tuple));
      const said = `${device} ${src} > ${dst}:${dport}\n${rules}${routing.join("\n")}`;
      expect(possible.length, said).toBe(1);
      const arrival = path.arrival(possible[0] as never);
      const forwarded = host.emitted.find(
        (each) => each.bytes[9] === 6 && each.bytes[each.bytes.length - 7] === 2,
      );
      const real =
        host.delivered.length > 0
          ? "delivered"
          : forwarded === undefined
            ? "nowhere"
            : `by ${forwarded.device}`;
      const proved =
        arrival === undefined
          ? "nowhere"
          : arrival.kind === "delivered"
            ? "delivered"
            : `by ${arrival.devices.join()}`;
      expect(proved, said).toBe(real);
      const translation = possible[0]?.changes.find(
        (change) => change.kind === "translate" && change.translation.manip === "dst",
      );
      if (
        forwarded !== undefined &&
        translation?.kind === "translate" &&
        translation.translation.addresses?.kind === "range"
      )
        expect(
          printIpv4(new DataView(forwarded.bytes.buffer, forwarded.bytes.byteOffset).getUint32(16)),
          said,
        ).toBe(printIpv4(translation.translation.addresses.low as number));
      seen.set(proved, (seen.get(proved) ?? 0) + 1);
    }
  }
  for (const end of ["delivered", "nowhere", "by lan", "by dmz", "by wan", "by alt"])
    expect(seen.get(end) ?? 0, end).toBeGreaterThan(40);
});
