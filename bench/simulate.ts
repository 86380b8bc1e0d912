/**
 * How fast the machine is, in process, on one core:
 *
 *   node --expose-gc bench/simulate.ts
 *
 * A gateway with 100 stateful rules forwards the packets of live TCP connections. Reported: packets a second with 10 and with
 * 10,000 connections (their ratio is what growth costs), with the rule for known connections first and last, new
 * connections a second, and what a million connections keep in memory.
 */
import { seededRng } from "../src/base/index.ts";
import { planCase } from "../src/cases/build-host.ts";
import { buildPacket, parseCase } from "../src/cases/index.ts";
import { type Host, receive, World } from "../src/sim/index.ts";

const RULES = 100;
const PACKETS = 400_000;
const MANY = 10_000;
const MILLION = 1_000_000;
const FRAME = { sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 0xaa), type: "host" } as const;

function ruleset(knownFirst: boolean): string {
  const known = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
  let rules = "";
  for (let at = 0; at < RULES - 3; at++)
    rules += `-A FORWARD -s 10.${at}.0.0/16 -p tcp -m tcp --dport ${1000 + at} -m conntrack --ctstate NEW -j ACCEPT\n`;
  const rest =
    "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n-A FORWARD -i eth0 -m conntrack --ctstate NEW -j ACCEPT\n";
  return `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${knownFirst ? known + rules : rules + known}${rest}COMMIT\n`;
}

function gateway(knownFirst: boolean): Host {
  const file = parseCase(
    "bench",
    JSON.stringify({
      dut: {
        ifaces: { eth0: { addrs: ["192.168.0.1/16"] }, eth1: { addrs: ["203.0.113.1/24"] } },
        routes: ["default via 203.0.113.254 dev eth1"],
        sysctl: { "net.ipv4.ip_forward": 1, "net.netfilter.nf_conntrack_max": 4_000_000 },
      },
      ruleset: ruleset(knownFirst),
      packets: [],
    }),
  );
  if (Array.isArray(file)) throw new Error("the bench's case is wrong");
  return planCase({ source: "bench" }, file as never, "nft").makeHost(new World([], seededRng(1)));
}

const packet = (at: number, flags: string, seq: number, ack: number, reply: boolean): Uint8Array => {
  const client = `192.168.${(at >>> 14) & 255}.${2 + (at & 63)}`;
  const ports = { client: 1024 + ((at >>> 6) & 0xff) + ((at >>> 22) << 8), server: 80 };
  const ends = reply
    ? { src: "198.51.100.7", dst: client, sport: ports.server, dport: ports.client }
    : { src: client, dst: "198.51.100.7", sport: ports.client, dport: ports.server };
  return buildPacket({ ...ends, proto: "tcp", flags, seq, ack }) as Uint8Array;
};

function connect(host: Host, at: number): void {
  receive(host, "eth0", packet(at, "S", 1000, 0, false), FRAME);
  receive(host, "eth1", packet(at, "SA", 5000, 1001, true), FRAME);
  receive(host, "eth0", packet(at, "A", 1001, 5001, false), FRAME);
}

/** Packets a second of `connections` live connections, one after the other. */
function rate(knownFirst: boolean, connections: number): number {
  const host = gateway(knownFirst);
  const packets: Uint8Array[] = [];
  for (let at = 0; at < connections; at++) {
    connect(host, at);
    packets.push(packet(at, "A", 1001, 5001, false));
  }
  const run = (count: number): void => {
    for (let at = 0; at < count; at++) {
      receive(host, "eth0", packets[at % connections] as Uint8Array, FRAME);
      if ((at & 1023) === 0) host.emitted = [];
    }
  };
  run(PACKETS / 4);
  host.emitted = [];
  const started = performance.now();
  run(PACKETS);
  return (PACKETS * 1000) / (performance.now() - started);
}

for (const knownFirst of [true, false]) {
  const few = rate(knownFirst, 10);
  const many = rate(knownFirst, MANY);
  console.log(
    `${RULES} rules, known connections ${knownFirst ? "first" : "last"}: ${Math.round(few)} packets/s with 10 connections, ${Math.round(many)} with ${MANY} (${(few / many).toFixed(2)} times the cost)`,
  );
}

const host = gateway(true);
const collect = (globalThis as { gc?: () => void }).gc;
collect?.();
const before = process.memoryUsage();
const started = performance.now();
for (let at = 0; at < MILLION; at++) {
  receive(host, "eth0", packet(at, "S", 1000, 0, false), FRAME);
  if ((at & 1023) === 0) host.emitted = [];
}
host.emitted = [];
const seconds = (performance.now() - started) / 1000;
collect?.();
const after = process.memoryUsage();
const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
console.log(
  `${host.conntrack.table.size} connections: ${Math.round(held / 2 ** 20)} MiB held, ${Math.round(after.rss / 2 ** 20)} MiB resident, ${Math.round(MILLION / seconds)} new ones a second (building each packet included)`,
);
