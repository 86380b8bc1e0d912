/**
 * Damaged packets and damaged cases through the machine: no exception, nothing over a second, a case is either run or
 * refused with a place inside it. `node fuzz/machine.ts [count] [seed]`; ends with status 1 at the first input that fails,
 * and prints it in full.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type Rng, seededRng } from "../src/base/index.ts";
import { buildPacket, type CaseFile, type PacketFields, parseCase, runCase } from "../src/cases/index.ts";
import { toHex } from "../src/net/index.ts";
import { mutate } from "../test/support/mutate.ts";

const count = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? 1);
const LIMIT_MS = 1000;
const PACKETS = 40;
const DEVICES = ["eth0", "eth1"];

const V4 = { src: "10.0.0.2", dst: "192.0.2.10" };
const V6 = { src: "2001:db8::2", dst: "2001:db8:1::2" };
const HERE6 = { src: "2001:db8::2", dst: "2001:db8::1" };
const HERE = { src: "10.0.0.2", dst: "10.0.0.1" };
const DATAGRAM: PacketFields = { ...V4, proto: "udp", sport: 4000, dport: 53, payload: "hello" };
const WHOLE: readonly PacketFields[] = [
  { ...V4, proto: "tcp", sport: 4000, dport: 80, flags: "S", opts_hex: "020405b40402080a0000000100000000" },
  { ...V4, src: V4.dst, dst: V4.src, proto: "tcp", sport: 80, dport: 4000, flags: "SA" },
  { ...V4, proto: "tcp", sport: 4000, dport: 80, flags: "PA", payload: "GET / HTTP/1.0" },
  { ...HERE, proto: "tcp", sport: 4000, dport: 81, flags: "S" },
  DATAGRAM,
  { ...DATAGRAM, ...HERE },
  { ...DATAGRAM, mf: true, l4_slice: [0, 8] },
  { ...DATAGRAM, frag: 8, l4_slice: [8, 13] },
  { ...DATAGRAM, dport: 69, payload_hex: "00016100006f6374657400" },
  { ...V4, proto: "icmp", type: 8 },
  { ...HERE, proto: "icmp", type: 8, ipopts_hex: "0183070400000000" },
  { ...V4, src: "192.0.2.1", dst: "10.0.0.2", proto: "icmp", type: 3, code: 3, inner: DATAGRAM },
  { ...V4, proto: 47, payload_hex: "3001880b0000000000000000" },
  { ...V4, proto: 132, payload_hex: "0fa00050000000000000000001000014000000010000100000010001000000ff" },
  { ...V4, proto: 136, payload_hex: "0fa0005000080000abab" },
  { ...V4, proto: 50, payload_hex: "0000000100000001" },
  { ...V4, proto: 51, payload_hex: "110400000000000100000001000000000fa0003500080000" },
  { ...V6, proto: "tcp", sport: 4000, dport: 80, flags: "S" },
  { ...V6, proto: "udp", sport: 4000, dport: 53, payload: "hello" },
  { ...V6, proto: "icmpv6", type: 128 },
  { ...V6, proto: 0, payload_hex: "1100050200000000" },
  { ...V6, proto: 43, payload_hex: "3a02040100000000" },
  { ...V6, proto: 44, payload_hex: "1100000100000007" },
  { ...V6, proto: 60, payload_hex: "3b00010400000000" },
  { ...HERE6, proto: "tcp", sport: 4000, dport: 81, flags: "S" },
  { ...HERE6, proto: 0, payload_hex: "3c000502000000003a00c30400000000800022f800010001" },
  { ...HERE6, proto: 43, payload_hex: "2c00000000000000110000010000000700010002000c0000" },
  { ...HERE6, proto: 44, payload_hex: "110000080000000761626364" },
  { ...HERE6, proto: 60, payload_hex: "3b00010400000000" },
  { ...HERE6, dst: "ff02::1", proto: "icmpv6", type: 128 },
];

/** Rules that look into every part of a packet. */
const CHAIN = `-A X -p tcp -m tcp --tcp-option 8 -m tcpmss --mss 1:1400
-A X -m u32 --u32 "0>>22&0x3C@12>>26&0x3C@0&0xFF=1"
-A X -m string --algo bm --string GET --from 20
-A X -m conntrack --ctstate INVALID
-A X -p udp -m multiport --ports 53,69
-A X -m hashlimit --hashlimit-name h --hashlimit-upto 5/sec --hashlimit-mode srcip,dstip,srcport,dstport
-A X -m recent --name r --set --rsource
-A X -m connbytes --connbytes 1:10 --connbytes-dir both --connbytes-mode packets
-A X -p esp -m esp --espspi 1:5
-A X -p sctp -m sctp --chunk-types any INIT
-A X -p dccp -m dccp --dccp-types REQUEST
-A X -m length --length 0:100
-A X -m ecn --ecn-ip-ect 1
`;
const V4_ONLY = `-A X -p ah -m ah --ahspi 1:5
-A X -p icmp -m icmp --icmp-type 3/3
-A X -f
-A X -m ttl --ttl-lt 5
`;
const V6_ONLY = `-A X -m ah --ahspi 1:5
-A X -m rt --rt-type 0
-A X -m frag --fragmore
-A X -m hbh --hbh-len 8
-A X -m dst --dst-len 8
-A X -m ipv6header --header hop,dst,frag --soft
-A X -p icmpv6 -m icmp6 --icmpv6-type 1/4
-A X -p mobility-header -m mh --mh-type 1
`;
const rules = (own: string, reject: string): string => `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp --dport 69 -j CT --helper tftp
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:X - [0:0]
-A PREROUTING -j X
${CHAIN}${own}-A PREROUTING -j CONNMARK --save-mark
-A POSTROUTING -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
-A POSTROUTING -p tcp -j TCPOPTSTRIP --strip-options 8
-A POSTROUTING -j DSCP --set-dscp 1
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 81
-A POSTROUTING -o eth1 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -j REJECT --reject-with tcp-reset
-A FORWARD -m statistic --mode nth --every 5 --packet 0 -j REJECT --reject-with ${reject}
COMMIT
`;
const BASE: CaseFile = {
  dut: {
    ifaces: {
      eth0: { addrs: ["10.0.0.1/24", "2001:db8::1/64"] },
      eth1: { addrs: ["203.0.113.1/24", "2001:db8:1::1/64"], mtu: 1280 },
    },
    routes: ["default via 203.0.113.254 dev eth1"],
    sysctl: { "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1 },
  },
  ruleset: rules(V4_ONLY, "icmp-port-unreachable"),
  ruleset6: rules(V6_ONLY, "icmp6-port-unreachable"),
  packets: [],
};

/** A packet with some bytes changed, cut short, or grown. */
function damagedPacket(rng: Rng): string {
  const built = buildPacket(rng.pick(WHOLE));
  if (typeof built === "string") throw new Error(built);
  let bytes = built.slice();
  for (let changes = rng.below(6); changes > 0; changes--) {
    // Headers more than payload.
    const at = rng.below(Math.min(bytes.length, rng.pick([8, 24, 60, bytes.length])));
    bytes[at] = rng.pick([0, 1, 0xff, 0x80, (bytes[at] as number) ^ (1 << rng.below(8)), rng.below(256)]);
  }
  if (rng.below(4) === 0) bytes = bytes.slice(0, 1 + rng.below(bytes.length));
  else if (rng.below(8) === 0) bytes = Uint8Array.from([...bytes, ...new Uint8Array(rng.below(64))]);
  return toHex(bytes);
}

const written = readdirSync("test/machine/cases").map((name) =>
  readFileSync(`test/machine/cases/${name}`, "utf8"),
);

function packetsCase(rng: Rng): string {
  const packets = Array.from({ length: PACKETS }, () => ({
    in: rng.pick(DEVICES),
    hex: damagedPacket(rng),
  }));
  const file: CaseFile = { ...BASE, backend: rng.pick(["legacy", "nft"] as const), packets };
  return JSON.stringify(file);
}

function attempt(text: string): string | undefined {
  const start = performance.now();
  const parsed = parseCase("fuzz", text);
  const outcome = Array.isArray(parsed) ? parsed : runCase("fuzz", parsed as CaseFile);
  if (Array.isArray(outcome)) {
    if (outcome.length === 0) return "refused without a reason";
    const outside = outcome.find(({ span }) => span.start < 0 || span.end > text.length);
    if (outside !== undefined) return `a place outside the case: ${JSON.stringify(outside)}`;
  } else ran++;
  const elapsed = performance.now() - start;
  return elapsed > LIMIT_MS ? `took ${Math.round(elapsed)} ms` : undefined;
}

const rng = seededRng(seed);
let ran = 0;
for (let done = 0; done < count; done += PACKETS) {
  const text = rng.below(4) === 0 ? mutate(rng.pick(written), rng) : packetsCase(rng);
  let failure: string | undefined;
  try {
    failure = attempt(text);
  } catch (reason) {
    failure = String(reason instanceof Error ? reason.stack : reason);
  }
  if (failure !== undefined) {
    console.error(`${failure}\n${text}`);
    process.exit(1);
  }
}
console.log(
  `${count} inputs in ${Math.ceil(count / PACKETS)} cases, ${ran} of which ran: no exception, nothing over ${LIMIT_MS} ms, every refusal inside its input`,
);
