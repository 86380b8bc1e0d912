/**
 * Random cases by profile and seed: a topology, rules, and packets that mean something to them. Answers are built from
 * what the simulated machine lets out, so that connections come about; the case that comes out is a plain file and runs
 * anywhere.
 */
import { type Rng, seededRng } from "../../../src/base/index.ts";
import { buildPacket } from "../../../src/cases/build-packet.ts";
import type { CaseFile, CaseStep, PacketFields } from "../../../src/cases/case-file.ts";
import type { CommandResult, PacketResult } from "../../../src/cases/results.ts";
import { fromHex, get16, get32, toHex } from "../../../src/net/index.ts";
import { writeSctpChecksum } from "../../../src/sim/checksums.ts";
import { parseRestore } from "../../../src/syntax/index.ts";
import { behindExtensions, fragmentIpv6 } from "./ipv6-shapes.ts";
import { ruleFor } from "./rules.ts";
import { topologyFor } from "./topology.ts";

export const PROFILES = [
  "basic",
  "nat",
  "conntrack",
  "mangle-routing",
  "sets",
  "stateful",
  "icmp",
  "fragments",
  "ipv6",
  "mixed",
] as const;
export type Profile = (typeof PROFILES)[number];

/** What the generators of rules and packets know of the case so far. */
export interface Scene {
  readonly rng: Rng;
  readonly profile: Profile;
  readonly family: "ipv4" | "ipv6";
  readonly devices: readonly string[];
  /** Addresses of this host, by device. */
  readonly own: Readonly<Record<string, readonly string[]>>;
  /** Hosts behind each device. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly ports: readonly number[];
  readonly sets: readonly { readonly name: string; readonly directions: number }[];
}

const TABLES: Readonly<Record<Profile, readonly string[]>> = {
  basic: ["filter"],
  nat: ["nat", "filter"],
  conntrack: ["filter", "raw"],
  "mangle-routing": ["mangle", "filter"],
  sets: ["filter", "raw"],
  stateful: ["filter"],
  icmp: ["filter", "nat"],
  fragments: ["filter", "mangle"],
  ipv6: ["filter", "mangle", "raw"],
  mixed: ["raw", "mangle", "nat", "filter", "security"],
};

const CHAINS: Readonly<Record<string, readonly string[]>> = {
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  raw: ["PREROUTING", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** A case without packets yet. */
export interface PlannedCase {
  readonly scene: Scene;
  readonly file: CaseFile;
}

export function planRandomCase(profile: Profile, seed: number): PlannedCase {
  const rng = seededRng(seed * 2_654_435_761 + PROFILES.indexOf(profile) * 97);
  const family = profile === "ipv6" || (profile === "mixed" && rng.below(4) === 0) ? "ipv6" : "ipv4";
  const { scene, dut, ipset } = topologyFor(rng, profile, family);
  const rules = rulesFor(scene);
  const file: CaseFile = {
    name: `${profile}-${seed}`,
    dut,
    ...(ipset === "" ? {} : { ipset }),
    ...(family === "ipv4" ? { ruleset: rules } : { ruleset6: rules }),
    packets: [],
  };
  return { scene, file };
}

/** Rules of random tables; each is tried alone first, and left out if it would not load. */
function rulesFor(scene: Scene): string {
  const { rng, profile, family } = scene;
  let text = "";
  for (const table of TABLES[profile]) {
    if (profile === "mixed" && rng.below(3) === 0) continue;
    const chains = CHAINS[table] as readonly string[];
    const users = Array.from({ length: rng.below(4) }, (_, at) => `U${at}`);
    text += `*${table}\n`;
    for (const chain of chains)
      text += `:${chain} ${table === "filter" && rng.below(5) === 0 ? "DROP" : "ACCEPT"} [0:0]\n`;
    for (const user of users) text += `:${user} - [0:0]\n`;
    const head = text;
    for (const [at, user] of users.entries()) {
      for (let count = rng.below(4); count > 0; count--) {
        const rule = `-A ${user} ${ruleFor(scene, table, user, users.slice(at + 1))}\n`;
        if (loads(`*${table}\n${users.map((each) => `:${each} - [0:0]\n`).join("")}${rule}COMMIT\n`, family))
          text += rule;
      }
    }
    for (const chain of chains) {
      for (let count = rng.below(6) + (table === "filter" ? 1 : 0); count > 0; count--) {
        const rule = `-A ${chain} ${ruleFor(scene, table, chain, users)}\n`;
        if (
          loads(
            `${head.slice(head.lastIndexOf(`*${table}`))}${text.slice(head.length)}${rule}COMMIT\n`,
            family,
          )
        )
          text += rule;
      }
    }
    text += "COMMIT\n";
  }
  return text === ""
    ? "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    : text;
}

const loads = (text: string, family: "ipv4" | "ipv6"): boolean =>
  !parseRestore({ source: "rule", text, family }).diagnostics.some(({ severity }) => severity === "error");

/** A connection that the packets of a case go on with. */
interface Flow {
  readonly fields: PacketFields;
  readonly device: string | undefined;
  /** The last packet of each side as it was on the wire, and where it came out. */
  seq: number;
  ack: number;
  replySeq: number;
  lastOut: { readonly iface: string; readonly bytes: Uint8Array } | undefined;
  stage: number;
}

/** Where the packets go, and what came of each. */
export interface Player {
  step(step: CaseStep, index: number): PacketResult | CommandResult | undefined;
}

/** Plays `count` random packets, built from what came out before. @returns the steps as they were played. */
export function playPackets({ scene }: PlannedCase, player: Player, count: number): CaseStep[] {
  const { rng, profile } = scene;
  const steps: CaseStep[] = [];
  const flows: Flow[] = [];
  const add = (step: CaseStep): { readonly iface: string; readonly bytes: Uint8Array }[] => {
    const delayed = rng.below(40) === 0 ? { ...step, delay_ms: 5 * (1 + rng.below(4)) } : step;
    const result = player.step({ ...delayed, id: steps.length }, steps.length);
    steps.push({ ...delayed, id: steps.length });
    if (result === undefined || "cmd" in result) return [];
    return result.out.map(({ iface, hex }) => ({ iface, bytes: fromHex(hex) as Uint8Array }));
  };
  while (steps.length < count) {
    const flow = flows.length > 0 && rng.below(3) > 0 ? rng.pick(flows) : undefined;
    if (flow === undefined) {
      const made = newFlow(scene);
      if (scene.family === "ipv6" && profile === "ipv6" && made.device !== undefined && rng.below(3) === 0) {
        for (const step of oddIpv6(scene, made, made.device)) add(step);
        continue;
      }
      if (profile === "fragments" && rng.below(2) === 0) {
        for (const step of fragmentsOf(scene, made)) add(step);
        continue;
      }
      const out = add(stepOf(made.fields, made.device));
      made.lastOut = out.find(({ bytes }) => sameProtocol(bytes, made.fields));
      flows.push(made);
      if (flows.length > 12) flows.shift();
    } else continueFlow(scene, flow, add);
  }
  return steps.slice(0, count);
}

const stepOf = (pkt: PacketFields, device: string | undefined): CaseStep =>
  (device === undefined ? { out: true, pkt } : { in: device, pkt }) as CaseStep;

function sameProtocol(bytes: Uint8Array, { proto }: PacketFields): boolean {
  const number = (bytes[0] as number) >>> 4 === 4 ? bytes[9] : bytes[6];
  return (
    number === ({ tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as Record<string, number>)[`${proto ?? "tcp"}`] ||
    number === proto
  );
}

function newFlow(scene: Scene): Flow {
  const { rng, devices, own, hosts, ports, family, profile } = scene;
  const device = rng.pick(devices);
  const local = rng.below(8) === 0;
  const from = local ? rng.pick(own[device] ?? []) : rng.pick(hosts[device] ?? []);
  const spoofed = rng.below(25) === 0;
  const toOwn = rng.below(4) === 0;
  const other = rng.pick(devices);
  const dst = toOwn ? rng.pick(own[rng.pick(devices)] ?? []) : rng.pick(hosts[other] ?? []);
  const src = spoofed ? rng.pick(hosts[rng.pick(devices)] ?? []) : from;
  const icmp = family === "ipv4" ? "icmp" : "icmpv6";
  const draw = rng.below(profile === "icmp" ? 12 : 20);
  const proto =
    draw < 9 ? "tcp" : draw < 15 ? "udp" : draw < 18 ? icmp : rng.pick([47, 50, 132, 136, 200, 33]);
  const seq = rng.below(0x100000000);
  const base: PacketFields = {
    src,
    dst,
    proto: profile === "icmp" && rng.below(2) === 0 ? icmp : proto,
    sport: rng.pick([1, 80, 500, 600, 1000, 1024, 4000, 5000, 5001, 60000]),
    dport: rng.pick(ports),
    ttl: rng.below(20) === 0 ? rng.pick([0, 1, 2]) : 64,
    tos: rng.pick([0, 0, 0, 8, 16, 0x28, 0xb8, 2, 3]),
    ...(rng.below(6) === 0 && { df: true }),
    id: rng.below(65_536),
    payload: rng.pick(["", "hello", "GET / HTTP/1.0", "xyzzy"]),
    ...(rng.below(12) === 0 && { pad: rng.pick([100, 600, 1200]) }),
  };
  const shaped = shape(scene, base, seq);
  return {
    fields: shaped,
    device: local ? undefined : device,
    seq,
    ack: 0,
    replySeq: rng.below(0x100000000),
    lastOut: undefined,
    stage: 0,
  };
}

/** Fills in what the protocol needs, now and then something odd. */
function shape({ rng }: Scene, base: PacketFields, seq: number): PacketFields {
  switch (base.proto) {
    case "tcp":
      return {
        ...base,
        seq,
        payload: "",
        pad: 0,
        flags:
          rng.below(8) === 0
            ? rng.pick(["A", "SA", "F", "FA", "R", "RA", "", "SF", "SEC", "SR", "FPU", "SP"])
            : "S",
        win: rng.pick([64_240, 1000, 0, 65_535]),
        opts_hex: rng.pick([
          "",
          "",
          "020405b4",
          "020405b40402080a000000010000000001030307",
          "020405b401030302",
          "02040218",
        ]),
        ...(rng.below(30) === 0 && { badsum: true }),
      };
    case "icmp":
    case "icmpv6": {
      const echo = base.proto === "icmp" ? 8 : 128;
      return {
        ...base,
        type:
          rng.below(6) === 0
            ? rng.pick(
                base.proto === "icmp" ? [0, 5, 9, 10, 13, 15, 17, 18, 30, 42] : [1, 129, 139, 140, 200],
              )
            : echo,
        code: 0,
        icmp_id: rng.pick([1, 7, 7, 99]),
        icmp_seq: 1,
        ...(rng.below(30) === 0 && { badsum: true }),
      };
    }
    case "udp":
      return rng.below(30) === 0 ? { ...base, badsum: true } : base;
    default: {
      const { sport = 1, dport = 2 } = base;
      const ports = [sport >>> 8, sport & 255, dport >>> 8, dport & 255]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      const sctp = base.proto === 132 && rng.below(4) > 0;
      const payload_hex = sctp ? sctpPacket(rng, ports) : `${ports}00000000${"ab".repeat(rng.below(3) * 8)}`;
      return { ...base, payload: "", payload_hex };
    }
  }
}

/** Chunks of SCTP: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, DATA, HEARTBEAT, SHUTDOWN, SHUTDOWN ACK, ABORT, and broken ones. */
const CHUNKS = [
  "0100001400000007000010000001000100000001",
  "0200001400000008000010000001000100000001",
  "0a000008aabbccdd",
  "0b000004",
  "0003001400000001000000000000000078787878",
  "0400000c0001000800000001",
  "0700000800000001",
  "08000004",
  "06000004",
  "0b000000",
  "0100",
];

/** Behind the ports: a verification tag, a checksum that is right or left out, and chunks. */
function sctpPacket(rng: Rng, ports: string): string {
  const tag = rng.pick(["00000000", "00000007", "00000008"]);
  const chunks = Array.from({ length: 1 + rng.below(2) }, () => rng.pick(CHUNKS)).join("");
  const bytes = fromHex(`${ports}${tag}00000000${chunks}`) as Uint8Array;
  if (rng.below(8) > 0) writeSctpChecksum(bytes, 0);
  return toHex(bytes);
}

type Add = (step: CaseStep) => { readonly iface: string; readonly bytes: Uint8Array }[];

/** The next packet of a flow: an answer, the next segment, a repeat, an error about it, or nonsense. */
function continueFlow(scene: Scene, flow: Flow, add: Add): void {
  const { rng } = scene;
  const { fields, device, lastOut } = flow;
  const draw = rng.below(10);
  if (lastOut === undefined || draw === 0) {
    const out = add(stepOf({ ...fields, ...(rng.below(3) === 0 && { id: rng.below(65_536) }) }, device));
    flow.lastOut ??= out.find(({ bytes }) => sameProtocol(bytes, fields));
    return;
  }
  if (draw === 1) {
    const error = errorAbout(scene, lastOut.bytes);
    if (error !== undefined) add(stepOf(error, lastOut.iface));
    return;
  }
  const answer = answerTo(scene, flow, lastOut.bytes);
  if (answer === undefined) return;
  if (fields.proto !== "tcp") {
    add(stepOf(answer, lastOut.iface));
    return;
  }
  tcpStep(scene, flow, answer, add);
}

function endpointsOf(bytes: Uint8Array): { src: string; dst: string; transport: number; protocol: number } {
  const ipv4 = (bytes[0] as number) >>> 4 === 4;
  const text = (at: number): string =>
    ipv4
      ? bytes.subarray(at, at + 4).join(".")
      : Array.from({ length: 8 }, (_, part) => get16(bytes, at + 2 * part).toString(16)).join(":");
  return {
    src: text(ipv4 ? 12 : 8),
    dst: text(ipv4 ? 16 : 24),
    transport: ipv4 ? ((bytes[0] as number) & 15) * 4 : 40,
    protocol: (ipv4 ? bytes[9] : bytes[6]) as number,
  };
}

/** What the other side would send back to a packet that came out. */
function answerTo({ rng }: Scene, { fields }: Flow, bytes: Uint8Array): PacketFields | undefined {
  const { src, dst, transport } = endpointsOf(bytes);
  if (bytes.length < transport + 8) return undefined;
  const back = { src: dst, dst: src, proto: fields.proto, ttl: 64, id: rng.below(65_536) };
  const ports = { sport: get16(bytes, transport + 2), dport: get16(bytes, transport) };
  switch (fields.proto) {
    case "tcp":
      return { ...back, ...ports };
    case "udp":
      return { ...back, ...ports, payload: rng.pick(["", "answer"]) };
    case "icmp":
      return { ...back, type: 0, icmp_id: get16(bytes, transport + 4), icmp_seq: 1 };
    case "icmpv6":
      return { ...back, type: 129, icmp_id: get16(bytes, transport + 4), icmp_seq: 1 };
    default: {
      const hex = [
        ...bytes.subarray(transport + 2, transport + 4),
        ...bytes.subarray(transport, transport + 2),
      ]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      return { ...back, payload_hex: `${hex}00000000` };
    }
  }
}

/** One step of a TCP connection, mostly the right one. */
function tcpStep({ rng }: Scene, flow: Flow, back: PacketFields, add: Add): void {
  const { fields, device, lastOut } = flow;
  const wrong = rng.below(12) === 0 ? rng.pick([-70_000, -1, 1, 5000, 100_000]) : 0;
  const at = (value: number, by = 0): number => (value + by + wrong) >>> 0;
  const win = rng.pick([64_240, 64_240, 500, 0]);
  const forward = (flags: string, payload = ""): void => {
    const out = add(
      stepOf({ ...fields, flags, seq: at(flow.seq), ack: flow.replySeq, payload, win, opts_hex: "" }, device),
    );
    if (wrong === 0) flow.seq = (flow.seq + payload.length + (flags.includes("F") ? 1 : 0)) >>> 0;
    const same = out.find(({ bytes }) => sameProtocol(bytes, fields));
    if (same !== undefined) flow.lastOut = same;
  };
  const reply = (flags: string, payload = ""): void => {
    const options =
      flags === "SA" ? rng.pick(["", "020405b4", "020405b40402080a000000010000000001030307"]) : "";
    add(
      stepOf(
        { ...back, flags, seq: at(flow.replySeq), ack: flow.seq, payload, win, opts_hex: options },
        lastOut?.iface,
      ),
    );
    if (wrong === 0)
      flow.replySeq =
        (flow.replySeq + payload.length + (flags === "SA" || flags.includes("F") ? 1 : 0)) >>> 0;
  };
  const data = rng.pick(["x", "some data", "a".repeat(300)]);
  switch (flow.stage) {
    case 0:
      flow.seq =
        (get32(lastOut?.bytes as Uint8Array, endpointsOf(lastOut?.bytes as Uint8Array).transport + 4) + 1) >>>
        0;
      if (rng.below(8) === 0) {
        reply(rng.pick(["RA", "A", "S", "R"]));
        break;
      }
      reply("SA");
      flow.stage = 1;
      break;
    case 1:
      forward(rng.below(8) === 0 ? rng.pick(["S", "R", "FA"]) : "A");
      flow.stage = 2;
      break;
    case 2:
      if (rng.below(2) === 0) forward("PA", data);
      else reply("PA", data);
      if (rng.below(4) === 0) flow.stage = 3;
      break;
    case 3:
      if (rng.below(3) === 0) (rng.below(2) === 0 ? forward : reply)(rng.pick(["R", "RA"]));
      else if (rng.below(2) === 0) forward("FA");
      else reply("FA");
      flow.stage = 4;
      break;
    case 4:
      (rng.below(2) === 0 ? forward : reply)(rng.pick(["A", "FA", "A"]));
      if (rng.below(3) === 0) flow.stage = 5;
      break;
    default:
      if (rng.below(2) === 0) {
        flow.seq = (flow.seq + 200_000) >>> 0;
        forward("S");
        flow.seq = (flow.seq + 1) >>> 0;
      } else (rng.below(2) === 0 ? forward : reply)(rng.pick(["A", "SA", "R"]));
  }
}

/** An ICMP error that quotes a packet which came out. */
function errorAbout({ rng, family, hosts, devices }: Scene, bytes: Uint8Array): PacketFields | undefined {
  const { src, dst } = endpointsOf(bytes);
  const hex = [...bytes.subarray(0, rng.pick([28, 48, 60, 200]))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const from = rng.below(3) === 0 ? rng.pick(hosts[rng.pick(devices)] ?? [dst]) : dst;
  const to = rng.below(15) === 0 ? rng.pick(hosts[rng.pick(devices)] ?? [src]) : src;
  const [type, code, rest] =
    family === "ipv4"
      ? rng.pick([
          [3, 1, 0],
          [3, 3, 0],
          [3, 4, 1400],
          [11, 0, 0],
          [12, 0, 0],
          [5, 1, 0x0a000001],
          [4, 0, 0],
        ])
      : rng.pick([
          [1, 0, 0],
          [1, 4, 0],
          [2, 0, 1400],
          [3, 0, 0],
        ]);
  return {
    src: from,
    dst: to,
    proto: family === "ipv4" ? "icmp" : "icmpv6",
    type: type as number,
    code: code as number,
    rest: rest as number,
    inner: hex,
    inner_len: 1000,
    ttl: 64,
    id: rng.below(65_536),
    ...(rng.below(20) === 0 && { badsum: true }),
  };
}

/** An IPv6 packet behind extension headers, or in fragments. */
function oddIpv6({ rng }: Scene, { fields }: Flow, device: string): CaseStep[] {
  const cut = rng.below(2) === 0;
  const whole = buildPacket(cut ? { ...fields, pad: 200 + rng.below(2000) } : fields);
  if (typeof whole === "string") return [];
  const behind = cut && rng.below(3) > 0 ? whole : behindExtensions(rng, whole);
  const packets = cut ? fragmentIpv6(rng, behind) : [behind];
  return packets.map((bytes) => ({ in: device, hex: toHex(bytes) }) as CaseStep);
}

/** A packet cut up, with pieces in odd orders, missing or overlapping now and then. */
function fragmentsOf({ rng, family }: Scene, flow: Flow): CaseStep[] {
  if (flow.device === undefined || family === "ipv6") return [stepOf(flow.fields, flow.device)];
  const whole = buildPacket({ ...flow.fields, pad: 200 + rng.below(2000), df: rng.below(6) === 0 });
  if (typeof whole === "string") return [];
  const size = 8 * (1 + rng.below(60)) + (rng.below(2) === 0 ? 400 : 0);
  const payload = whole.length - 20;
  const pieces: CaseStep[] = [];
  for (let at = 0; at < payload; at += size) {
    const end = Math.min(payload, at + size);
    const last = end === payload;
    pieces.push({
      in: flow.device,
      pkt: {
        ...flow.fields,
        pad: whole.length - 20 - headerOf(flow.fields),
        frag: at,
        mf: !last,
        l4_slice: [at, end],
      },
    } as CaseStep);
  }
  const draw = rng.below(10);
  if (draw === 0) pieces.reverse();
  if (draw === 1) pieces.splice(rng.below(pieces.length), 1);
  if (draw === 2) pieces.push(pieces[0] as CaseStep);
  return pieces.slice(0, 12);
}

function headerOf(fields: PacketFields): number {
  const empty = buildPacket({ ...fields, pad: 0, payload: fields.payload ?? "" });
  return typeof empty === "string" ? 0 : empty.length - 20;
}
