/**
 * How fast captures run through rules, in process, on one core:
 *
 *   node --expose-gc bench/replay.ts [rules …]
 *
 * A capture is made in memory: TCP and UDP connections of ten packets each between addresses that the rules speak of and others.
 * Rules are either read from restore files, or generated: services on hosts and nets, as many as each number says.
 * Reported for each: packets a second of CPU time without and with conntrack, and the time to read and index the rules.
 */
import { readFileSync } from "node:fs";
import { seededRng } from "../src/base/index.ts";
import { printIpv4, put16, put32, readCapture } from "../src/net/index.ts";
import { Replay } from "../src/replay/index.ts";
import { World } from "../src/sim/index.ts";
import { readSnapshot } from "../src/snapshot/index.ts";
import { pcap, type Recorded } from "../test/support/capture.ts";

const CONNECTIONS = 50_000;
const PACKETS = 10;
const SERVICES = [22, 25, 53, 80, 123, 443, 445, 636, 993, 2049, 3306, 5432, 8080, 8443];
const START = 1_700_000_000_000;

const rng = seededRng(7);
const inside = (): number => 0x0a000000 + (rng.below(24) << 16) + (rng.below(256) << 8) + rng.below(256);
const outside = (): number => rng.below(0xdf000000) + 0x01000000;

/** Services on hosts, some for one net of clients, some nets open to each other, and a few that are shut out. */
function generated(count: number): string {
  const prefix = (address: number, bits: number): string =>
    `${printIpv4((address & (bits === 0 ? 0 : -1 << (32 - bits))) >>> 0)}/${bits}`;
  let text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  for (let at = 0; at < count; at++) {
    const source =
      rng.below(3) === 0 ? "" : `-s ${prefix(rng.below(2) ? inside() : outside(), 16 + rng.below(17))} `;
    const destination =
      rng.below(20) === 0 && source !== "" ? "" : `-d ${prefix(inside(), rng.below(3) === 0 ? 22 : 32)} `;
    const protocol = rng.pick(["tcp", "tcp", "udp"]);
    const port = rng.below(8) === 0 ? "" : `-m ${protocol} --dport ${rng.pick(SERVICES)} `;
    text += `-A FORWARD ${source}${destination}-p ${protocol} ${port}-j ${rng.below(5) === 0 ? "DROP" : "ACCEPT"}\n`;
  }
  return `${text}COMMIT\n`;
}

/** One packet that a rule is about. */
interface Box {
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  readonly port: number;
}

/** A packet with a header and no data. */
function packet(
  protocol: number,
  from: [number, number],
  to: [number, number],
  flags: number,
  seq: number,
): Uint8Array {
  const bytes = new Uint8Array(protocol === 6 ? 40 : 28);
  bytes.set([0x45, 0, 0, bytes.length, 0, 0, 0x40, 0, 64, protocol]);
  put32(bytes, 12, from[0]);
  put32(bytes, 16, to[0]);
  put16(bytes, 20, from[1]);
  put16(bytes, 22, to[1]);
  if (protocol === 17) put16(bytes, 24, 8);
  else {
    put32(bytes, 24, seq);
    if (flags !== 2) put32(bytes, 28, 1000);
    bytes.set([0x50, flags, 0xff, 0xff], 32);
  }
  return bytes;
}

/** Connections a hundred at a time, their packets interleaved. */
function capture(boxes: readonly Box[]): Uint8Array {
  const packets: Recorded[] = [];
  const live: { protocol: number; client: [number, number]; server: [number, number] }[] = [];
  for (let first = 0; first < CONNECTIONS; first += 100) {
    for (let each = 0; each < 100; each++) {
      const box =
        boxes.length > 0 && rng.below(4) > 0
          ? rng.pick(boxes)
          : { protocol: 6, source: outside(), destination: inside(), port: rng.pick(SERVICES) };
      live[each] = {
        protocol: box.protocol,
        client: [box.source, 1024 + rng.below(60_000)],
        server: [box.destination, box.port],
      };
    }
    for (let step = 0; step < PACKETS; step++) {
      for (const { protocol, client, server } of live) {
        const reply = step % 2 === 1;
        const flags = step === 0 ? 2 : step === 1 ? 0x12 : 0x10;
        const seq = reply ? (step === 1 ? 999 : 1000) : step === 0 ? 999 : 1000;
        packets.push({
          packet: packet(protocol, reply ? server : client, reply ? client : server, flags, seq),
          timeMs: START + packets.length / 100,
        });
      }
    }
  }
  return pcap(packets);
}

/** A packet for each rule. */
function boxesOf(text: string): Box[] {
  const boxes: Box[] = [];
  for (const [line] of text.matchAll(/^-A FORWARD .*$/gm)) {
    const address = (option: string): number | undefined => {
      const found = new RegExp(`-${option} (\\d+)\\.(\\d+)\\.(\\d+)\\.(\\d+)/(\\d+)`).exec(line);
      if (found === null) return undefined;
      const [a, b, c, d, bits] = found.slice(1).map(Number) as [number, number, number, number, number];
      const host = bits >= 32 ? 0 : rng.below(2 ** Math.min(32 - bits, 16));
      return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) + host;
    };
    boxes.push({
      protocol: line.includes("-p udp") ? 17 : 6,
      source: address("s") ?? outside(),
      destination: address("d") ?? inside(),
      port: Number(/--dport (\d+)/.exec(line)?.[1] ?? rng.pick(SERVICES)),
    });
  }
  return boxes;
}

function user<T>(run: () => T): { readonly value: T; readonly seconds: number } {
  const before = process.cpuUsage();
  const value = run();
  return { value, seconds: process.cpuUsage(before).user / 1e6 };
}

function measure(name: string, text: string, file: Uint8Array, rules: string, stateless: boolean): void {
  const { value: replay, seconds: ready } = user(() => {
    const snapshot = readSnapshot([{ kind: "ruleset", source: name, text: rules, family: "ipv4" }], "nft");
    const host = snapshot.makeHost(new World([], seededRng(1)));
    return new Replay([host], { hook: "FORWARD", inDevice: "", outDevice: "", stateless });
  });
  // What making captures and rules left behind is not the replay's to clear away.
  (globalThis as { gc?: () => void }).gc?.();
  const run = user(() => readCapture([file], (each) => replay.take(each)));
  const packets = CONNECTIONS * PACKETS;
  const { verdicts } = replay.result().lanes[0] as {
    verdicts: readonly { verdict: string; packets: number }[];
  };
  const split = verdicts.filter((each) => each.packets > 0).map((each) => `${each.packets} ${each.verdict}`);
  console.log(
    `${text}: ${Math.round(packets / run.seconds).toLocaleString("en")} packets/s (${split.join(", ")}; rules read and indexed in ${ready.toFixed(2)} s)`,
  );
}

const KNOWN = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
for (const argument of process.argv.length > 2 ? process.argv.slice(2) : ["100", "10000", "50000"]) {
  const rules = /^\d+$/.test(argument) ? generated(Number(argument)) : readFileSync(argument, "utf8");
  const file = capture(boxesOf(rules));
  const stateful = rules.replace(/^(-A FORWARD)/m, `${KNOWN}$1`);
  for (const round of [1, 2])
    measure(argument, `${argument} rules, no conntrack, run ${round}`, file, rules, true);
  for (const round of [1, 2])
    measure(argument, `${argument} rules, conntrack, run ${round}`, file, stateful, false);
}
