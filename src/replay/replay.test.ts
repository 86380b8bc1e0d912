import { expect, test } from "vitest";
import { ethernet, pcap, type Recorded } from "../../test/support/capture.ts";
import { fragment } from "../../test/support/fragment.ts";
import { seededRng } from "../base/index.ts";
import { buildPacket, type PacketFields } from "../cases/index.ts";
import { readCapture } from "../net/index.ts";
import { World } from "../sim/index.ts";
import { type HostListing, readSnapshot } from "../snapshot/index.ts";
import { type LaneOptions, Replay, type ReplayResult } from "./index.ts";

const START = 1_700_000_000_000;

function packet(fields: Record<string, unknown>, atMs = 0): Recorded {
  return { packet: buildPacket(fields as unknown as PacketFields) as Uint8Array, timeMs: START + atMs };
}

const tcp = (flags: string, reply: boolean, dport = 80, atMs = 0): Recorded =>
  packet(
    reply
      ? { src: "10.0.0.1", dst: "192.0.2.1", proto: "tcp", sport: dport, dport: 5000, flags, seq: 9, ack: 2 }
      : {
          src: "192.0.2.1",
          dst: "10.0.0.1",
          proto: "tcp",
          sport: 5000,
          dport,
          flags,
          seq: flags === "S" ? 1 : 2,
          ack: 10,
        },
    atMs,
  );
const udp = (dport: number, atMs = 0): Recorded =>
  packet({ src: "192.0.2.1", dst: "10.0.0.1", proto: "udp", sport: 5000, dport }, atMs);

const filter = (...rules: string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;

function replay(
  packets: readonly Recorded[] | Uint8Array,
  rulesets: readonly string[],
  options: Partial<LaneOptions> = {},
  listings: readonly HostListing[] = [],
): ReplayResult {
  const hosts = rulesets.map((text, at) => {
    const snapshot = readSnapshot(
      [{ kind: "ruleset", source: `${at}`, text, family: "ipv4" }, ...listings],
      "nft",
    );
    expect(snapshot.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    return snapshot.makeHost(new World([], seededRng(1)));
  });
  const run = new Replay(hosts as never, {
    hook: "FORWARD",
    inDevice: "",
    outDevice: "",
    stateless: false,
    ...options,
  });
  readCapture([packets instanceof Uint8Array ? packets : pcap(packets)], (each) => run.take(each));
  return run.result();
}

/** Packets by verdict, those with any. */
const verdicts = ({ lanes }: ReplayResult, at = 0): Record<string, number> =>
  Object.fromEntries(
    (lanes[at]?.verdicts ?? [])
      .filter(({ packets }) => packets > 0)
      .map((each) => [each.verdict, each.packets]),
  );

const counters = ({ lanes }: ReplayResult): readonly string[] =>
  (lanes[0]?.counters ?? [])
    .filter(({ table }) => table === "filter")
    .map((each) =>
      "source" in each ? `${each.chain} ${each.index}: ${each.packets}` : `${each.name}: ${each.packets}`,
    );

const STATEFUL = filter(
  "FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
  "FORWARD -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT",
  "FORWARD -p tcp -j REJECT",
);

test("follows connections: replies pass, later packets pass, what was refused stays so", () => {
  const result = replay(
    [tcp("S", false), tcp("SA", true), tcp("A", false), tcp("S", false, 22), udp(53)],
    [STATEFUL],
  );
  expect(verdicts(result)).toEqual({ accept: 3, reject: 1, drop: 1 });
  expect(counters(result)).toEqual(["FORWARD 1: 2", "FORWARD 2: 1", "FORWARD 3: 1", "FORWARD: 1"]);
  expect(result.connections).toBe(3);
  expect(result.lanes[0]?.connections).toEqual({ accepted: 1, refused: 2, mixed: 0 });
});

test("time is the capture's own: an idle connection is forgotten", () => {
  const rules = filter(
    "FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "FORWARD -s 192.0.2.1/32 -p udp -j ACCEPT",
  );
  const answer = (atMs: number): Recorded =>
    packet({ src: "10.0.0.1", dst: "192.0.2.1", proto: "udp", sport: 53, dport: 5000 }, atMs);
  expect(verdicts(replay([udp(53), answer(29_000), answer(30_000)], [rules]))).toEqual({ accept: 3 });
  expect(verdicts(replay([udp(53), answer(31_000)], [rules]))).toEqual({ accept: 1, drop: 1 });
  expect(verdicts(replay([udp(53, 50_000), answer(0)], [rules]))).toEqual({ accept: 2 });
});

test("limits refill on the capture's clock", () => {
  const rules = filter("FORWARD -m limit --limit 1/s --limit-burst 1 -j ACCEPT");
  expect(verdicts(replay([udp(1), udp(1, 10), udp(1, 1500)], [rules]))).toEqual({ accept: 2, drop: 1 });
});

test("two rulesets: what ends otherwise, by the rules of both sides", () => {
  const other = STATEFUL.replace("--dport 80", "--dport 22");
  const result = replay(
    [tcp("S", false), tcp("SA", true), tcp("S", false, 22), tcp("S", false, 22), udp(53)],
    [STATEFUL, other],
  );
  expect(result).toMatchObject({ differingPackets: 4, differingConnections: 2 });
  expect(
    result.differences.map(({ before, after, packets, connections, examples }) => ({
      change: `${before.verdict} ${(before.decider as { index: number }).index} > ${after.verdict} ${(after.decider as { index: number }).index}`,
      packets,
      connections,
      examples: examples.map(({ dport }) => dport),
    })),
  ).toEqual([
    { change: "reject 3 > accept 2", packets: 2, connections: 1, examples: [22] },
    { change: "accept 2 > reject 3", packets: 1, connections: 1, examples: [80] },
    { change: "accept 1 > reject 3", packets: 1, connections: 1, examples: [80] },
  ]);
});

test("equal rulesets do not differ", () => {
  expect(replay([tcp("S", false), udp(1)], [STATEFUL, STATEFUL]).differences).toEqual([]);
});

test("without conntrack TCP is what its flags say, all else is new", () => {
  const result = replay([tcp("A", false), tcp("S", false), tcp("S", false, 22), udp(1)], [STATEFUL], {
    stateless: true,
  });
  expect(counters(result)).toEqual(["FORWARD 1: 1", "FORWARD 2: 1", "FORWARD 3: 1", "FORWARD: 1"]);
});

test("the hook chooses the chains, and interfaces are those that are given", () => {
  const rules = filter(
    "INPUT -i eth0 -j ACCEPT",
    "FORWARD -i eth0 -o eth1 -j ACCEPT",
    "OUTPUT -o eth1 -j ACCEPT",
  );
  const devices = { inDevice: "eth0", outDevice: "eth1" };
  for (const hook of ["INPUT", "FORWARD", "OUTPUT"] as const) {
    expect(counters(replay([udp(1)], [rules], { ...devices, hook }))).toEqual([`${hook} 1: 1`]);
    expect(counters(replay([udp(1)], [rules], { hook }))).toEqual([`${hook}: 1`]);
  }
});

test("marks of mangle before the hook count, and bytes stay as they were for the other ruleset", () => {
  const mangle =
    "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j MARK --set-mark 7\n-A PREROUTING -j TTL --ttl-set 1\nCOMMIT\n";
  const first = mangle + filter("FORWARD -m mark --mark 7 -m ttl --ttl-eq 1 -j ACCEPT");
  const second = filter("FORWARD -m ttl --ttl-gt 1 -j ACCEPT");
  const result = replay([udp(1)], [first, second]);
  expect([verdicts(result, 0), verdicts(result, 1)]).toEqual([{ accept: 1 }, { accept: 1 }]);
});

test("fragments are put together where conntrack is on", () => {
  const whole = packet({
    src: "192.0.2.1",
    dst: "10.0.0.1",
    proto: "udp",
    sport: 5000,
    dport: 53,
    payload: "b".repeat(120),
  });
  const pieces = fragment(whole.packet, 40).map((each) => ({ packet: each, timeMs: START }));
  const rules = filter("FORWARD -p udp -m udp --dport 53 -m conntrack --ctstate NEW -j ACCEPT");
  const result = replay(pieces, [rules]);
  expect(verdicts(result)).toEqual({ stolen: pieces.length - 1, accept: 1 });
  expect(result.connections).toBe(1);
  expect(verdicts(replay(pieces, [filter("FORWARD -p udp -m udp --dport 53 -j ACCEPT")]))).toEqual({
    accept: 1,
    drop: pieces.length - 1,
  });
});

test("a packet cut short counts with its whole length, and its checksum is not asked", () => {
  const long = packet({
    src: "192.0.2.1",
    dst: "10.0.0.1",
    proto: "udp",
    sport: 1,
    dport: 53,
    payload: "b".repeat(900),
  });
  const rules = filter(
    "FORWARD -m conntrack --ctstate INVALID -j DROP",
    "FORWARD -m length --length 928 -j ACCEPT",
  );
  expect(verdicts(replay(pcap([long], { snapLength: 64 }), [rules]))).toEqual({ accept: 1 });
});

test("what cannot be decided is taken to fail, and told", () => {
  const rules = filter("FORWARD -m string --string x --algo bm -j DROP", "FORWARD -m magic --x -j ACCEPT");
  const result = replay([udp(1), udp(2)], [rules]);
  expect(verdicts(result)).toEqual({ drop: 2 });
  expect(result.lanes[0]).toMatchObject({ uncertain: 2 });
  expect([...(result.lanes[0]?.undecided ?? [])]).toEqual([["filter FORWARD 2: -m magic", 2]]);
});

test("packets of a family without rules are told apart", () => {
  const other = packet({ src: "2001:db8::1", dst: "2001:db8::2", proto: "udp", sport: 1, dport: 2 });
  expect(verdicts(replay([other, udp(1)], [filter("FORWARD -j ACCEPT")]))).toEqual({ none: 1, accept: 1 });
});

test("senders' link addresses are those of the frames", () => {
  const rules = filter("FORWARD -m mac --mac-source 02:00:00:00:00:02 -j ACCEPT");
  expect(verdicts(replay(pcap([udp(1)], { frame: (each) => ethernet(each, [5]) }), [rules]))).toEqual({
    accept: 1,
  });
});

const GATEWAY: readonly HostListing[] = [
  {
    kind: "addresses",
    source: "ip address",
    text: [
      "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP",
      "    inet 192.168.1.1/24 scope global eth0",
      "3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP",
      "    inet 203.0.113.1/24 scope global eth1",
      "",
    ].join("\n"),
  },
  { kind: "routes", source: "ip route", text: "default via 203.0.113.254 dev eth1\n" },
];

const MASQUERADING =
  "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n" +
  filter(
    "FORWARD -i eth1 -o eth0 -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "FORWARD -i eth0 -o eth1 -m ttl --ttl-eq 63 -j ACCEPT",
    "INPUT -i eth1 -p udp -m udp --dport 53 -j ACCEPT",
    "OUTPUT -o eth1 -p udp -m udp --sport 53 -j ACCEPT",
  );

/** A Linux cooked frame of a type as `struct sockaddr_ll` numbers it. */
const cooked =
  (type: number) =>
  (each: Uint8Array): Uint8Array =>
    Uint8Array.from([0, type, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, ...each]);

test("by listings, packets take the hooks that routes lead to, and are translated", () => {
  const out = { src: "192.168.1.10", dst: "198.51.100.7", proto: "tcp", sport: 5000, dport: 80 };
  const result = replay(
    [
      packet({ ...out, flags: "S", seq: 1 }),
      packet({
        src: "198.51.100.7",
        dst: "203.0.113.1",
        proto: "tcp",
        sport: 80,
        dport: 5000,
        flags: "SA",
        seq: 1,
        ack: 2,
      }),
      packet({
        src: "198.51.100.7",
        dst: "203.0.113.1",
        proto: "tcp",
        sport: 80,
        dport: 5001,
        flags: "SA",
        seq: 1,
        ack: 2,
      }),
      packet({ src: "198.51.100.9", dst: "203.0.113.1", proto: "udp", sport: 99, dport: 53 }),
      packet({ src: "203.0.113.1", dst: "198.51.100.9", proto: "udp", sport: 53, dport: 99 }),
      packet({ src: "198.51.100.9", dst: "192.168.1.10", proto: "udp", sport: 99, dport: 54 }),
      packet({ ...out, ttl: 1, sport: 5002, flags: "S", seq: 1 }),
    ],
    [MASQUERADING],
    { hook: undefined },
    GATEWAY,
  );
  expect(counters(result)).toEqual([
    "INPUT 1: 1",
    "INPUT: 1",
    "FORWARD 1: 1",
    "FORWARD 2: 1",
    "FORWARD: 1",
    "OUTPUT 1: 1",
  ]);
  expect(verdicts(result)).toEqual({ accept: 4, drop: 2, discard: 1 });
  expect([...(result.lanes[0]?.discards ?? [])]).toEqual([["TTL expired", 1]]);
});

test("by listings, what the host sent on is not replayed again", () => {
  const sent = { src: "203.0.113.1", dst: "198.51.100.9", proto: "udp", sport: 53, dport: 99 };
  const passedOn = { src: "192.168.1.10", dst: "198.51.100.9", proto: "udp", sport: 53, dport: 99 };
  const result = replay(
    pcap([packet(sent), packet(passedOn)], { linkType: 113, frame: cooked(4) }),
    [MASQUERADING],
    { hook: undefined },
    GATEWAY,
  );
  expect(result).toMatchObject({ sentOn: 1, packets: { ipv4: 1 } });
  expect(verdicts(result)).toEqual({ accept: 1 });
});

test("no damaged packet is more than a verdict", () => {
  const rng = seededRng(11);
  const whole = [
    tcp("S", false),
    udp(53),
    packet({ src: "192.0.2.1", dst: "10.0.0.1", proto: "icmp", type: 8 }),
    packet({ src: "2001:db8::1", dst: "2001:db8::2", proto: "tcp", sport: 1, dport: 2, flags: "S" }),
    packet({ src: "203.0.113.1", dst: "198.51.100.9", proto: "udp", sport: 53, dport: 99 }),
  ];
  const damaged = Array.from({ length: 4000 }, (_, at): Recorded => {
    const bytes = rng.pick(whole).packet.slice();
    for (let count = rng.below(5); count > 0; count--) bytes[rng.below(bytes.length)] = rng.below(256);
    return {
      packet: rng.below(4) > 0 ? bytes : bytes.subarray(0, 1 + rng.below(bytes.length)),
      timeMs: START + at,
    };
  });
  const rules = STATEFUL.replace(
    "COMMIT",
    "-A FORWARD -p tcp -m tcp --tcp-option 3 -j DROP\n-A FORWARD -m u32 --u32 0>>22&0x3C@4=1 -j DROP\n-A FORWARD -p sctp -m sctp --chunk-types any INIT -j DROP\nCOMMIT",
  );
  for (const hook of ["FORWARD", "OUTPUT", undefined] as const) {
    const file = pcap(damaged, { linkType: 101, frame: (each) => each });
    const { packets, lanes } = replay(file, [rules, MASQUERADING], { hook }, GATEWAY);
    for (const { verdicts: each } of lanes)
      expect(each.reduce((sum, { packets: count }) => sum + count, 0)).toBe(packets.ipv4 + packets.ipv6);
  }
});
