/**
 * What the kernel was seen to do, one case each: rules as short as the fact allows, and packets that show it. The names say
 * the fact; the kernel's own answers stand in `recorded/`.
 */
import type { CaseFile, PacketFields } from "../../src/cases/index.ts";
import { parseIpv6, toHex, toWords, writeWords } from "../../src/net/index.ts";

/** The 16 bytes of an IPv6 address. */
function encodeAddress(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  writeWords("ipv6", bytes, 0, toWords(parseIpv6(text) as bigint));
  return bytes;
}

type Step = CaseFile["packets"][number];

export const FILTER = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
const NAT =
  "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
const MANGLE =
  "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
const RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";

const table = (head: string, ...rules: readonly string[]): string =>
  `${head}${rules.map((rule) => `${rule}\n`).join("")}COMMIT\n`;
export const filter = (...rules: readonly string[]): string => table(FILTER, ...rules);
export const nat = (...rules: readonly string[]): string => table(NAT, ...rules);
export const mangle = (...rules: readonly string[]): string => table(MANGLE, ...rules);
export const raw = (...rules: readonly string[]): string => table(RAW, ...rules);

export const LAN = "10.0.0.2";
const OTHER = "10.0.0.3";
export const SERVER = "192.0.2.10";
const DATAGRAM6: PacketFields = { src: "2001:db8::2", dst: "2001:db8::1", proto: "udp", dport: 53 };
const OUTSIDE = "203.0.113.1";

/** eth0 the LAN, eth1 the internet, eth2 another network; forwarding. */
export function gateway(ruleset: string, packets: readonly Step[], more: Partial<CaseFile> = {}): CaseFile {
  const { dut, ...rest } = more;
  return {
    dut: {
      ifaces: {
        eth0: { addrs: ["10.0.0.1/24"] },
        eth1: { addrs: ["203.0.113.1/24"] },
        eth2: { addrs: ["198.51.100.1/24"] },
        ...dut?.ifaces,
      },
      routes: ["default via 203.0.113.254 dev eth1", ...(dut?.routes ?? [])],
      rules: dut?.rules ?? [],
      sysctl: { "net.ipv4.ip_forward": 1, "net.ipv4.conf.all.send_redirects": 0, ...dut?.sysctl },
      ...(dut?.listen !== undefined && { listen: dut.listen }),
    },
    ruleset,
    packets: [...packets],
    ...rest,
  };
}

const from =
  (device: string) =>
  (pkt: PacketFields, more: Partial<Step> = {}): Step => ({ in: device, pkt, ...more });
export const lan = from("eth0");
export const net = from("eth1");
export const local = (pkt: PacketFields): Step => ({ out: true, pkt });

export const tcp = (flags: string, more: Partial<PacketFields> = {}): PacketFields => ({
  src: LAN,
  dst: SERVER,
  sport: 5000,
  dport: 80,
  flags,
  seq: 1000,
  ...more,
});
export const back = (flags: string, more: Partial<PacketFields> = {}): PacketFields => ({
  src: SERVER,
  dst: LAN,
  sport: 80,
  dport: 5000,
  flags,
  seq: 9000,
  ack: 1001,
  ...more,
});
export const udp = (more: Partial<PacketFields> = {}): PacketFields => ({
  src: LAN,
  dst: SERVER,
  proto: "udp",
  sport: 5000,
  dport: 53,
  payload: "hi",
  ...more,
});
const udpBack = (more: Partial<PacketFields> = {}): PacketFields => ({
  src: SERVER,
  dst: LAN,
  proto: "udp",
  sport: 53,
  dport: 5000,
  payload: "answer",
  ...more,
});
const ping = (more: Partial<PacketFields> = {}): PacketFields => ({
  src: LAN,
  dst: SERVER,
  proto: "icmp",
  type: 8,
  ...more,
});

const STATES = filter(
  ...["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"].map(
    (state) => `-A FORWARD -m conntrack --ctstate ${state}`,
  ),
);
const HANDSHAKE: readonly Step[] = [lan(tcp("S")), net(back("SA")), lan(tcp("A", { seq: 1001, ack: 9001 }))];

/** eth0 and eth1 with IPv6, eth0 with an address of its link; forwarding. */
const gateway6 = (ruleset6: string, packets: readonly Step[]): CaseFile => ({
  dut: {
    ifaces: {
      eth0: { addrs: ["2001:db8::1/64", "fe80::1/64"] },
      eth1: { addrs: ["2001:db8:1::1/64"] },
    },
    routes: [],
    rules: [],
    sysctl: { "net.ipv6.conf.all.forwarding": 1, "net.ipv6.icmp.ratelimit": 0 },
  },
  ruleset6,
  packets: [...packets],
});
const TO_HOST = "20010db8000000000000000000000001";
const TO_OTHER = "20010db8000100000000000000000002";
/** An IPv6 packet from 2001:db8::2 in digits: what its header says comes next, and what does. */
const ipv6Hex =
  (next: number, rest: string) =>
  (destination: string): string => {
    const bytes = (value: number, length: number): string => value.toString(16).padStart(length * 2, "0");
    const payload = bytes(rest.length / 2, 2);
    return `60000000${payload}${bytes(next, 1)}4020010db8000000000000000000000002${destination}${rest}`;
  };

/** A neighbour solicitation: RFC 4861 section 4.3. */
const solicitation = (src: string, dst: string, target: string, options: string): PacketFields => ({
  src,
  dst,
  proto: "icmpv6",
  type: 135,
  icmp_id: 0,
  icmp_seq: 0,
  ttl: 255,
  payload_hex: toHex(encodeAddress(target)) + options,
});

export const FACTS: Readonly<Record<string, CaseFile>> = {
  "a deleted connection comes back when the server speaks next": gateway(
    filter(
      "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
      "-A FORWARD -i eth1 -m conntrack --ctstate NEW",
    ),
    [
      ...HANDSHAKE,
      { cmd: "conntrack -D -p tcp" },
      net(back("PA", { seq: 9001, payload: "data" })),
      lan(tcp("A", { seq: 1001, ack: 9005 })),
    ],
  ),
  "a truncated transport header: hotdrop on legacy, no match on nft": gateway(
    filter("-A FORWARD -p udp -m udp --dport 53", "-A FORWARD -p tcp -m tcp --dport 80"),
    [
      { in: "eth0", hex: "45000018000100004011ae400a000002c000020a13880035" },
      { in: "eth0", hex: "45000016000100004006ae4d0a000002c000020a1388" },
      lan(udp()),
    ],
  ),
  "without a rule that needs conntrack there is none, and fragments pass one by one": gateway(
    filter("-A FORWARD -p udp"),
    [
      lan(udp({ pad: 1000, mf: true, l4_slice: [0, 512] })),
      lan(udp({ pad: 1000, frag: 512, l4_slice: [512, 1010] })),
    ],
  ),
  "an empty nat table does not switch conntrack on": gateway(nat() + filter("-A FORWARD -p udp"), [
    lan(udp({ pad: 1000, mf: true, l4_slice: [0, 512] })),
    lan(udp()),
  ]),
  "with conntrack FORWARD sees the whole packet, which leaves in pieces again": gateway(STATES, [
    lan(udp({ pad: 1000, mf: true, l4_slice: [0, 512] })),
    lan(udp({ pad: 1000, frag: 512, l4_slice: [512, 1010] })),
    lan(udp({ pad: 1000, mf: true, l4_slice: [0, 512], id: 7 })),
  ]),
  "a dropped first packet leaves no entry": gateway(
    filter("-A FORWARD -m conntrack --ctstate NEW", "-A FORWARD -j DROP"),
    [lan(udp()), lan(udp())],
  ),
  "further packets of the original direction are NEW until a reply": gateway(STATES, [
    lan(udp()),
    lan(udp()),
    lan(tcp("S")),
    lan(tcp("S")),
    net(back("SA")),
    lan(tcp("A", { seq: 1001, ack: 9001 })),
  ]),
  "INVALID packets bypass NAT and leave with the private source": gateway(
    nat("-A POSTROUTING -o eth1 -j MASQUERADE") + STATES,
    [
      lan(tcp("S")),
      net(back("SA", { dst: OUTSIDE })),
      lan(tcp("A", { seq: 1001, ack: 9001 })),
      lan(tcp("F", { seq: 1001, sport: 6000 })),
      lan(tcp("PA", { seq: 900_000, ack: 9001, payload: "far out" })),
      net(back("PA", { dst: OUTSIDE, seq: 900_000, payload: "far out" })),
    ],
  ),
  "with tcp_loose a bare ACK is NEW, other first segments are INVALID": gateway(STATES, [
    ...["A", "SA", "F", "FA", "R", "", "FSRPAUEC", "PU", "SF", "SR", "SEC", "SP"].map((flags, at) =>
      lan(tcp(flags, { sport: 6000 + at })),
    ),
    lan(tcp("S", { sport: 0 })),
    lan(tcp("S", { sport: 7000, badsum: true })),
    lan(udp({ badsum: true })),
  ]),
  "data that waits for its acknowledgement shortens the timeout to 300 s": gateway(STATES, [
    ...HANDSHAKE,
    lan(tcp("PA", { seq: 1001, ack: 9001, payload: "question" })),
    net(back("A", { seq: 9001, ack: 1009 })),
  ]),
  "a RST out of the window is INVALID; after a good one a SYN within ten seconds changes nothing": gateway(
    STATES,
    [
      ...HANDSHAKE,
      net(back("R", { seq: 900_000 })),
      net(back("R", { seq: 9001 })),
      lan(tcp("S", { seq: 500_000 })),
    ],
  ),
  "UDP is a stream only when it goes on for more than two seconds": gateway(STATES, [
    lan(udp()),
    net(udpBack()),
    lan(udp()),
    { ...lan(udp()), delay_ms: 2100 },
  ]),
  "NOTRACK packets skip NAT, and a reply to one is NEW": gateway(
    raw("-A PREROUTING -i eth0 -p udp -j NOTRACK") + nat("-A POSTROUTING -o eth1 -j MASQUERADE") + STATES,
    [lan(udp()), net(udpBack()), lan(udp())],
  ),
  "source NAT: a collision is per whole tuple; ICMP ids behave alike; an exhausted range drops": gateway(
    nat(
      "-A POSTROUTING -p udp -o eth1 -j SNAT --to-source 203.0.113.1:7000",
      "-A POSTROUTING -o eth1 -j SNAT --to-source 203.0.113.1",
    ) + filter(),
    [
      lan(tcp("S")),
      lan(tcp("S", { src: OTHER, dst: "192.0.2.11" })),
      lan(ping()),
      lan(ping({ src: OTHER, dst: "192.0.2.11" })),
      lan(udp()),
      lan(udp({ src: OTHER })),
    ],
  ),
  "of a range of addresses a hash chooses, and a source keeps its address": gateway(
    nat("-A POSTROUTING -o eth1 -j SNAT --to-source 203.0.113.20-203.0.113.29") + filter(),
    [
      lan(tcp("S")),
      lan(tcp("S", { dst: "192.0.2.11" })),
      lan(tcp("S", { src: OTHER })),
      lan(tcp("S", { src: "10.0.0.77" })),
    ],
  ),
  "of a range of DNAT ports the first is taken": gateway(
    nat("-A PREROUTING -i eth1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:8000-8010") +
      filter(),
    [net(tcp("S", { src: SERVER, dst: OUTSIDE })), net(tcp("S", { src: "192.0.2.11", dst: OUTSIDE }))],
  ),
  "errors about a translated flow are RELATED and translated; a redirect about one vanishes": gateway(
    nat("-A POSTROUTING -o eth1 -j MASQUERADE") + STATES,
    [
      lan(udp()),
      net({
        src: "203.0.113.254",
        dst: OUTSIDE,
        proto: "icmp",
        type: 3,
        code: 1,
        inner: udp({ src: OUTSIDE }),
        inner_len: 60,
      }),
      net({
        src: "203.0.113.254",
        dst: OUTSIDE,
        proto: "icmp",
        type: 5,
        code: 1,
        rest: 0xcb007102,
        inner: udp({ src: OUTSIDE }),
        inner_len: 60,
      }),
    ],
  ),
  "TTL, MTU and missing routes are answered before FORWARD; FORWARD sees one TTL less": gateway(
    filter("-A FORWARD -m ttl --ttl-eq 63", "-A OUTPUT -p icmp"),
    [
      lan(udp({ ttl: 1 })),
      lan(udp({ pad: 2000, df: true })),
      lan(udp({ dst: "10.99.0.1" })),
      lan(udp({ dst: "10.98.0.1" })),
      lan(udp()),
    ],
    {
      dut: {
        ifaces: { eth0: { addrs: ["10.0.0.1/24"], mtu: 9000 } },
        routes: ["unreachable 10.99.0.0/16", "blackhole 10.98.0.0/16"],
      },
    },
  ),
  "a redirect is sent even if FORWARD drops": gateway(
    filter("-A FORWARD -j DROP", "-A OUTPUT -p icmp"),
    [lan(udp({ dst: OTHER }))],
    { dut: { ifaces: {}, sysctl: { "net.ipv4.conf.all.send_redirects": 1 } } },
  ),
  "martians and reverse path failures pass raw and mangle PREROUTING first": gateway(
    raw("-A PREROUTING -p udp") + mangle("-A PREROUTING -p udp") + filter("-A FORWARD -p udp"),
    [
      lan(udp({ src: "10.0.0.1" })),
      lan(udp({ src: "127.0.0.1" })),
      lan(udp({ src: "198.51.100.7" })),
      lan(udp({ dst: "240.0.0.1" })),
      lan(udp(), { dmac: "02:00:00:00:00:99" }),
    ],
    { dut: { ifaces: {}, sysctl: { "net.ipv4.conf.all.rp_filter": 1 } } },
  ),
  "the host's answers: states in OUTPUT, sources, and what is never answered": gateway(
    filter(
      "-A INPUT -p udp -m udp --dport 99 -j REJECT",
      "-A FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset",
      "-A FORWARD -p udp -m udp --dport 99 -j REJECT",
      "-A OUTPUT -m conntrack --ctstate RELATED",
      "-A OUTPUT -m conntrack --ctstate ESTABLISHED",
    ),
    [
      lan(udp({ dst: "10.0.0.1", dport: 99, tos: 0x10 })),
      lan(tcp("S", { dport: 81 })),
      lan(tcp("R", { dport: 81, sport: 5001 })),
      lan(udp({ dport: 99, badsum: true })),
      lan(udp({ dport: 99 })),
      lan(tcp("S", { dst: "10.0.0.1", dport: 81 })),
      lan(tcp("R", { dst: "10.0.0.1", dport: 82 })),
      lan(ping({ dst: "10.0.0.1" })),
    ],
  ),
  "a drop in OUTPUT is told to the sender, and REJECT's answer comes in by the loopback device": gateway(
    filter(
      "-A INPUT -i lo -p icmp",
      "-A OUTPUT -p udp -m udp --dport 53 -j DROP",
      "-A OUTPUT -p udp -m udp --dport 54 -j REJECT",
    ),
    [
      local(udp({ src: OUTSIDE })),
      local(udp({ src: OUTSIDE, dport: 54 })),
      local(udp({ src: OUTSIDE, dport: 55 })),
    ],
  ),
  "goto and RETURN go back to the caller; ACCEPT ends only its table": gateway(
    `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:ONE - [0:0]\n:TWO - [0:0]\n-A ONE -g TWO\n-A ONE -j DROP\n-A TWO -j RETURN\n-A FORWARD -j ONE\n-A FORWARD -p udp\nCOMMIT\n${mangle("-A FORWARD -j ACCEPT", "-A FORWARD -j DROP")}`,
    [lan(udp())],
  ),
  "a mark in mangle OUTPUT reroutes": gateway(
    mangle("-A OUTPUT -p udp -j MARK --set-mark 1") + filter("-A OUTPUT -o eth2"),
    [local(udp({ src: OUTSIDE })), local(tcp("S", { src: OUTSIDE }))],
    {
      dut: {
        ifaces: {},
        routes: ["default via 198.51.100.254 dev eth2 table 100"],
        rules: ["fwmark 1 lookup 100"],
      },
    },
  ),
  "OUTPUT runs raw, mangle, nat, filter, security in this order": gateway(
    raw("-A OUTPUT -p udp -j MARK --set-mark 1") +
      mangle("-A OUTPUT -m mark --mark 1 -j MARK --set-mark 2") +
      nat("-A OUTPUT -m mark --mark 2 -j DNAT --to-destination 192.0.2.99") +
      filter("-A OUTPUT -d 192.0.2.99 -j MARK --set-mark 3") +
      table(
        "*security\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
        "-A OUTPUT -m mark --mark 3",
      ),
    [local(udp({ src: OUTSIDE }))],
  ),
  "TCPMSS adds the option where there is none; --set-dscp keeps the ECN bits": gateway(
    mangle(
      "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200",
      "-A FORWARD -j DSCP --set-dscp 0x0a",
    ),
    [lan(tcp("S", { tos: 3 })), lan(tcp("S", { opts_hex: "020405b4", sport: 5001 }))],
  ),
  "nth fires on packets 1, 4 and 7; a quota of 100 takes two packets of 40 bytes": gateway(
    filter("-A FORWARD -m statistic --mode nth --every 3 --packet 0", "-A FORWARD -m quota --quota 100"),
    Array.from({ length: 7 }, (_, at) => lan(tcp("S", { sport: 5000 + at }))),
  ),
  "connlimit counts the connection that asks, and one that was reset in SYN_SENT": gateway(
    filter("-A FORWARD -p tcp -m connlimit --connlimit-above 2 --connlimit-mask 32 -j DROP"),
    [
      lan(tcp("S")),
      lan(tcp("S", { sport: 5001 })),
      net(back("RA", { dport: 5001 })),
      // Within one tick of the clock the kernel counts what is gone already.
      lan(tcp("S", { sport: 5002 }), { delay_ms: 20 }),
      lan(tcp("S", { sport: 5003, src: OTHER })),
    ],
  ),
  "an element ip,443 of a set means TCP; nomatch carves out": gateway(
    filter("-A FORWARD -m set --match-set services dst,dst", "-A FORWARD -m set --match-set nets src"),
    [lan(tcp("S", { dport: 443 })), lan(udp({ dport: 443 })), lan(tcp("S", { src: OTHER }))],
    {
      ipset:
        "create services hash:ip,port\nadd services 192.0.2.10,443\ncreate nets hash:net\nadd nets 10.0.0.0/24\nadd nets 10.0.0.3/32 nomatch\n",
    },
  ),
  "recent with a hit count of two first holds on the third packet": gateway(
    filter(
      "-A FORWARD -m recent --name seen --rcheck --hitcount 2",
      "-A FORWARD -m recent --name seen --set",
    ),
    [lan(udp()), lan(udp()), lan(udp()), lan(udp())],
  ),
  "multiport never matches a later fragment; a mark outside its mask never holds": gateway(
    filter(
      "-A FORWARD -p udp -m multiport --dports 53",
      "-A FORWARD -p udp -m multiport ! --dports 53",
      "-A FORWARD -m mark --mark 0x3/0x1",
      "-A FORWARD -f",
    ),
    [
      lan(udp({ pad: 1000, mf: true, l4_slice: [0, 512] })),
      lan(udp({ pad: 1000, frag: 512, l4_slice: [512, 1010] })),
    ],
  ),
  "the security table of nft runs behind nat INPUT, that of legacy before": gateway(
    nat("-A INPUT -p udp -j SNAT --to-source 10.0.0.9") +
      table(
        "*security\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
        "-A INPUT -s 10.0.0.2 -j DROP",
      ),
    [lan(udp({ dst: "10.0.0.1" }))],
  ),
  "while an ICMP message is on its way out, nothing that happens to it can send another": gateway(
    filter("-A OUTPUT -p icmp -j REJECT", "-A OUTPUT -p udp -j REJECT"),
    [lan(ping({ dst: "10.0.0.1" })), local(udp({ src: OUTSIDE }))],
  ),
  "translation of a GRE packet of an unknown version fails, and drops it": gateway(
    nat("-A PREROUTING -p gre -j DNAT --to-destination 198.51.100.7") + STATES,
    [
      lan({ src: LAN, dst: SERVER, proto: 47, payload_hex: "000008000000000000000000" }),
      lan({ src: OTHER, dst: SERVER, proto: 47, payload_hex: "003508000000000000000000" }),
    ],
  ),
  "a reset by the sender of the last SYN has its window checked, one by the other side need only acknowledge it":
    gateway(
      STATES,
      ["RA", "reply RA"].flatMap((reset, index) => {
        const port = 5000 + index;
        const back = { src: SERVER, dst: LAN, sport: 80, dport: port };
        return [
          lan(tcp("S", { sport: port, seq: 1000 })),
          net(tcp("PA", { ...back, seq: 5000, ack: 77, payload: "hello" })),
          lan(tcp("S", { sport: port, seq: 1000 })),
          reset === "RA"
            ? lan(tcp("RA", { sport: port, seq: 1001, ack: 5005 }))
            : net(tcp("RA", { ...back, seq: 9000, ack: 5005 })),
        ];
      }),
    ),
  "an IPv6 datagram of over 68 bytes whose class changed after conntrack summed it up is lost to UDP": {
    dut: {
      ifaces: { eth0: { addrs: ["2001:db8::1/64"] } },
      routes: [],
      rules: [],
      sysctl: {},
    },
    ruleset6:
      table(MANGLE, "-A INPUT -p udp --sport 5000 -j TOS --set-tos 0x10/0x3f") +
      filter("-A INPUT -m conntrack --ctstate NEW"),
    packets: [
      lan({ ...DATAGRAM6, sport: 5000, pad: 68 }),
      lan({ ...DATAGRAM6, sport: 5000, pad: 69, src: "2001:db8::3" }),
      lan({ ...DATAGRAM6, sport: 5001, pad: 69, src: "2001:db8::4" }),
    ],
  },
  "a packet on the loopback device loses its route to a new destination, and its own source is refused there":
    gateway(
      nat(
        "-A INPUT -s 10.0.0.77 -j SNAT --to-source 203.0.113.1",
        "-A INPUT -s 10.0.0.78 -j SNAT --to-source 203.0.113.1",
      ) + raw("-A OUTPUT -p icmp -j CT --zone 1"),
      [lan(udp({ src: "10.0.0.77", dst: "10.0.0.1" })), lan(udp({ src: "10.0.0.78", dst: "10.0.0.1" }))],
    ),
  "rules that share a hashlimit table have the settings of that first met: as written for nft, own chains first for legacy":
    gateway(
      filter(
        "-N own",
        "-A own -m hashlimit --hashlimit-name shared --hashlimit-upto 10/day --hashlimit-burst 1 --hashlimit-mode srcip,dstport",
        "-A FORWARD -m hashlimit --hashlimit-name shared --hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-mode dstip",
      ),
      [lan(udp()), lan(udp({ dst: "192.0.2.11" })), lan(udp({ src: OTHER }))],
    ),
  "fragments that were put together and stayed as they were lose DF; TCPMSS makes one piece of them, which keeps it":
    gateway(
      mangle("-A FORWARD -p tcp --dport 81 --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1460") +
        filter("-A FORWARD -m conntrack --ctstate NEW"),
      [80, 81].flatMap((dport) =>
        [0, 256].map((frag) =>
          lan(
            tcp("S", {
              dport,
              id: dport,
              df: true,
              pad: 400,
              frag,
              mf: frag === 0,
              l4_slice: frag === 0 ? [0, 256] : [256, 424],
              opts_hex: "020405b4",
            }),
          ),
        ),
      ),
    ),
  "a zone of one direction files only the tuple of that direction under it": gateway(
    raw("-A PREROUTING -i eth0 -j CT --zone-orig 5", "-A PREROUTING -i eth1 -p udp -j CT --zone-reply 5") +
      STATES,
    [
      lan(udp()),
      net(udp({ src: SERVER, dst: LAN, sport: 53, dport: 5000 })),
      lan(udp()),
      net(tcp("S", { src: SERVER, dst: LAN })),
    ],
  ),
  "an IPv6 error to a neighbour comes from the address that was added last": {
    dut: {
      ifaces: {
        eth0: { addrs: ["2001:db8::1/64", "2001:db8::5/64"] },
        eth1: { addrs: ["2001:db8:1::1/64"] },
      },
      routes: [],
      rules: [],
      sysctl: { "net.ipv6.conf.all.forwarding": 1 },
    },
    ruleset6: filter("-A FORWARD -p tcp -j REJECT --reject-with tcp-reset", "-A OUTPUT -p tcp -j REJECT"),
    packets: [net(tcp("S", { src: "2001:db8:1::2", dst: "2001:db8::2" }))],
  },
  "what this host sends with a foreign source is routed by it, before and after a rule has marked it":
    gateway(
      filter("-A FORWARD -p tcp -j REJECT --reject-with tcp-reset") +
        mangle("-A OUTPUT -j MARK --set-mark 8"),
      [lan(tcp("S", { src: OTHER, dst: OTHER }))],
      {
        dut: {
          ifaces: {},
          routes: ["default via 198.51.100.9 dev eth2 table 100"],
          rules: [`from ${OTHER} lookup 100`],
        },
      },
    ),
  "fragments whose transports differ about ECN are dropped, and CE on one is CE on the packet": gateway(
    STATES,
    [
      ...[
        [0, 1],
        [2, 1],
        [3, 2],
        [1, 3],
      ].flatMap(([first, second], at) => [
        lan(udp({ pad: 100, tos: first as number, id: 10 + at, mf: true, l4_slice: [0, 64] })),
        lan(udp({ pad: 100, tos: second as number, id: 10 + at, frag: 64, l4_slice: [64, 110] })),
      ]),
    ],
  ),
  "fragments are cut anew where the first was too short for what was read of it": gateway(STATES, [
    ...[
      { proto: "tcp", flags: "S" },
      { proto: "udp", pad: 40 },
      { proto: 132, payload_hex: "0016138800000009000000000b000004" },
    ].flatMap((fields, at) => {
      const whole = { src: LAN, dst: SERVER, sport: 5000, dport: 80, id: 20 + at, df: true, ...fields };
      return [
        lan({ ...whole, mf: true, l4_slice: [0, 8] }),
        lan({ ...whole, frag: 8, l4_slice: [8, 1000] }),
      ] as Step[];
    }),
  ]),
  "a fragment's bytes beyond the last eight are not counted": gateway(STATES, [
    lan(udp({ pad: 100, id: 30, mf: true, df: true, l4_slice: [0, 67] })),
    lan(udp({ pad: 100, id: 30, frag: 64, df: true, l4_slice: [64, 110] })),
  ]),
  "PPTP's GRE is filed by its call id": gateway(STATES, [
    lan({ src: LAN, dst: SERVER, proto: "gre", payload_hex: "3001880b000400030000000161626364" }),
    net({ src: SERVER, dst: LAN, proto: "gre", payload_hex: "3001880b000400030000000161626364" }),
  ]),
  "an echo reply keeps the code of the request": gateway(filter(), [
    lan(ping({ dst: "10.0.0.1", code: 1 })),
    lan(ping({ dst: "10.0.0.1", type: 13, code: 1, payload_hex: "000000000000000000000000" })),
  ]),
  "TCP takes no frame that others got too": gateway(filter(), [
    lan(tcp("S", { dst: "10.0.0.1" }), { dmac: "01:00:5e:00:00:01" }),
    lan(udp({ dst: "10.0.0.1" }), { dmac: "ff:ff:ff:ff:ff:ff" }),
  ]),
  "a route is recorded by whoever forwards, receives and answers": gateway(
    filter("-A FORWARD -p udp -m udp --dport 53", "-A FORWARD -p udp -m udp --dport 99 -j REJECT"),
    [
      ...[SERVER, "10.0.0.1"].flatMap((dst) => [
        lan(udp({ dst, ipopts_hex: "070b04000000000000000000" })),
        lan(udp({ dst, dport: 99, ipopts_hex: "070708c000020900" })),
        lan(ping({ dst, ipopts_hex: "070b04000000000000000000" })),
        lan(tcp("S", { dst, ipopts_hex: "0707040000000000" })),
        lan(udp({ dst, ipopts_hex: "44040500" })),
        lan(udp({ dst, ipopts_hex: "440405f0" })),
        lan(udp({ dst, ipopts_hex: "0100ffff" })),
        lan(udp({ dst, ipopts_hex: "01ff5000" })),
        lan(udp({ dst, ipopts_hex: "07030400" })),
        lan(udp({ dst, ipopts_hex: "94030000" })),
        lan(udp({ dst, ttl: 1, ipopts_hex: "0707040000000000" })),
        lan(udp({ dst, ipopts_hex: "83070ac633640900" })),
      ]),
      lan(udp({ dst: "198.18.0.1", ipopts_hex: "830704c633640900" })),
    ],
    { dut: { ifaces: {}, routes: ["unreachable 198.18.0.0/15"] } },
  ),
  "a loose source route may pass where all and the device accept it": gateway(
    filter(),
    [
      lan(udp({ ipopts_hex: "83070ac633640900" })),
      lan(ping({ dst: "10.0.0.1", type: 0, ipopts_hex: "830708c633640900" })),
      net(udp({ src: SERVER, dst: LAN, ipopts_hex: "83070ac633640900" })),
    ],
    {
      dut: {
        ifaces: {},
        sysctl: { "net.ipv4.conf.all.accept_source_route": 1, "net.ipv4.conf.eth1.accept_source_route": 0 },
      },
    },
  ),
  "IPv6 headers before the transport are read where the packet is for": gateway6(STATES, [
    ...[
      ipv6Hex(0, "3a0001040000000080007f3a00010001"),
      ipv6Hex(0, "3a00c9040000000080007f3a00010001"),
      ipv6Hex(0, "3a00490400000000"),
      ipv6Hex(0, "3a008904000000008000"),
      ipv6Hex(0, "3a00c204000100008000"),
      ipv6Hex(0, "3a00c204000000018000"),
      ipv6Hex(0, "3a00050200000100"),
      ipv6Hex(0, "3a01050200000100"),
      ipv6Hex(0, "3a00000000000000"),
      ipv6Hex(60, "3a00c9040000000080007f3a00010001"),
      ipv6Hex(60, "3a0089040000000080007f3a00010001"),
      ipv6Hex(60, "fd000104000000008000"),
      ipv6Hex(43, "3a0200000000000020010db8000f0000000000000000000180007f3a00010001"),
      ipv6Hex(43, "3a0200010000000020010db8000f0000000000000000000180007f3a00010001"),
      ipv6Hex(43, "3a0202010000000020010db8000f0000000000000000000180007f3a00010001"),
      ipv6Hex(43, "3a0204010000000020010db8000f0000000000000000000180007f3a00010001"),
      ipv6Hex(44, "110000000000000713880063000a5ad86869"),
      ipv6Hex(44, "11000001000000081388"),
      ipv6Hex(44, "110000010000000913880063000c0000"),
      ipv6Hex(44, "1100000800000009686968696869"),
      ipv6Hex(44, "1100fff80000000a6869686968696869686968"),
      ipv6Hex(51, "3b040000000000640000000100000000000000000000000000"),
      ipv6Hex(59, ""),
      ipv6Hex(47, "00000800"),
    ].flatMap((hex) => [
      { in: "eth0", hex: hex(TO_HOST) },
      { in: "eth0", hex: hex(TO_OTHER) },
    ]),
  ]),
  "without conntrack fragments for this host are put together behind INPUT": gateway6(
    filter("-A INPUT", "-A FORWARD"),
    [
      ...[
        ipv6Hex(44, "110000010000000913880063000c0000"),
        ipv6Hex(44, "110000080000000968696869"),
        ipv6Hex(44, "11000001000000081388"),
        ipv6Hex(44, "110000010000000a13880063000c0000aa"),
        ipv6Hex(44, "110000000000000713880063000a5ad86869"),
        ipv6Hex(44, "1100fff80000000b6869686968696869686968"),
        ipv6Hex(60, "2c00010400000000110000010000000c13880063000c0000"),
        ipv6Hex(60, "2c00010400000000110000080000000c68696869"),
      ].flatMap((hex) => [
        { in: "eth0", hex: hex(TO_HOST) },
        { in: "eth0", hex: hex(TO_OTHER) },
      ]),
    ],
  ),
  "fragments of IPv6 that conntrack put together are cut again behind the headers that each repeats":
    gateway6(
      STATES,
      [
        ipv6Hex(60, `2c00010400000000110000010000000c138800630030f7f8${"41".repeat(24)}`),
        ipv6Hex(60, `2c00010400000000110000200000000c${"41".repeat(8)}`),
        ipv6Hex(44, `060000010000000d${"0016138800000009"}`),
        ipv6Hex(44, `060000080000000d${"000000005002faf00000000001010101"}`),
      ].map((hex) => ({ in: "eth0", hex: hex(TO_OTHER) })),
    ),
  "an IPv6 group that nobody joined is left alone, and addresses of another link are not here": gateway6(
    filter("-A INPUT", "-A FORWARD"),
    [
      ...["ff02::1", "ff02::2", "ff05::2", "ff02::1:ff00:1", "ff01::1", "ff05::5", "fe80::1"].map((dst) =>
        lan({ src: "2001:db8::2", dst, proto: "udp", sport: 1, dport: 2 }),
      ),
      ...["fe80::1", "fe80::2", "2001:db8::1"].map((dst) =>
        net({ src: "fe80::9", dst, proto: "icmpv6", type: 128 }),
      ),
      net({ src: "fe80::9", dst: "2001:db8::1", proto: "udp", sport: 1, dport: 2 }),
      net({ src: "fe80::9", dst: "2001:db8::2", proto: "udp", sport: 1, dport: 2 }),
      net({ src: "::", dst: "2001:db8::2", proto: "udp", sport: 1, dport: 2 }),
      net({ src: "::", dst: "2001:db8:1::2", proto: "udp", sport: 1, dport: 2 }),
    ],
  ),
  "realms are those of the routes there and back, and a route may say the TTL": gateway(
    filter(
      ...["0/0xffff", "5/0xffff", "0x70000/0xffff0000", "0x50007"].map(
        (realm) => `-A FORWARD -m realm --realm ${realm}`,
      ),
      ...["7", "5"].map((realm) => `-A INPUT -m realm --realm ${realm}`),
      ...["7", "5", "0"].map((realm) => `-A OUTPUT -m realm --realm ${realm}`),
    ),
    [
      lan(udp({ dst: "198.18.0.1" })),
      lan(udp()),
      { in: "eth2", pkt: udp({ src: "198.18.0.1" }) },
      { in: "eth2", pkt: udp({ src: "198.18.0.1", dst: LAN }) },
      { in: "eth2", pkt: ping({ src: "198.18.0.1", dst: "10.0.0.1" }) },
      { in: "eth2", pkt: tcp("S", { src: "198.18.0.1", dst: "10.0.0.1" }) },
      { in: "eth2", pkt: udp({ src: "198.18.0.1", dst: "10.0.0.1" }) },
      { in: "eth2", pkt: udp({ src: "198.51.100.255", dst: LAN }) },
    ],
    {
      dut: {
        ifaces: {},
        routes: [
          "198.18.0.0/16 via 198.51.100.9 dev eth2 realm 5 hoplimit 9",
          "192.0.2.0/24 via 203.0.113.9 dev eth1 realm 7",
        ],
      },
    },
  ),
  "a rule may pass over what leads to devices of a group": gateway(
    filter("-A FORWARD -o eth1", "-A FORWARD -o eth2"),
    [lan(udp()), lan(udp({ dst: "198.18.0.1" })), lan(udp({ dst: "198.18.1.1" }))],
    {
      dut: {
        ifaces: {},
        routes: ["198.18.0.0/16 via 198.51.100.9 dev eth2 table 100", "198.18.1.0/24 dev eth1 table 100"],
        rules: [
          "to 198.18.1.0/24 pref 90 lookup 100 suppress_ifgroup 3",
          "pref 100 lookup 100 suppress_ifgroup default",
        ],
      },
    },
  ),
  "this host tells where its IPv6 addresses are": gateway6(filter("-A INPUT", "-A OUTPUT"), [
    ...["2001:db8::1", "2001:db8::", "2001:db8:1::1", "fe80::1", "2001:db8::7"].flatMap((target) =>
      ["2001:db8::1", "ff02::1", "ff02::1:ff00:1"].flatMap((dst) =>
        ["", "0101020000000099", "0102020000000099aaaaaaaaaaaaaaaa", "0e01aaaaaaaaaaaa", "0100"].map(
          (options, at) => lan(solicitation(`2001:db8::${at + 2}`, dst, target, options)),
        ),
      ),
    ),
    lan({ ...solicitation("2001:db8::9", "2001:db8::1", "2001:db8::1", ""), ttl: 64 }),
    lan(solicitation("::", "2001:db8::1", "2001:db8::1", "")),
    lan(solicitation("fe80::9", "fe80::1", "2001:db8::1", "")),
    lan({ ...solicitation("2001:db8::9", "2001:db8::1", "2001:db8::1", ""), code: 1 }),
  ]),
  "a router takes the first address of an IPv6 network": gateway6(filter("-A INPUT", "-A FORWARD"), [
    ...["2001:db8::", "2001:db8:1::", "fe80::"].flatMap((dst) => [
      lan({ src: "2001:db8::2", dst, proto: "icmpv6", type: 128 }),
      lan({ src: "2001:db8::2", dst, proto: "udp", sport: 1, dport: 2 }),
      lan({ src: "2001:db8::2", dst, sport: 1, dport: 2, flags: "S" }),
      lan({ src: "2001:db8::2", dst, proto: 253 }),
    ]),
    lan({ src: "2001:db8::2", dst: "ff02::1", proto: "icmpv6", type: 128 }),
  ]),
  "a port is listened on in IPv4 unless an IPv6 address is named": {
    ...gateway6(filter("-A INPUT"), [
      ...[53, 54, 55].flatMap((dport) => [
        lan({ src: "2001:db8::2", dst: "2001:db8::1", proto: "udp", sport: 1, dport }),
        lan({ src: LAN, dst: "10.0.0.1", proto: "udp", sport: 1, dport }),
      ]),
    ]),
    dut: {
      ifaces: { eth0: { addrs: ["2001:db8::1/64", "10.0.0.1/24"] } },
      routes: [],
      rules: [],
      listen: [
        { proto: "udp", port: 53 },
        { proto: "udp", port: 54, addr: "::" },
        { proto: "udp", port: 55, addr: "2001:db8::1" },
      ],
    },
  },
  "a copy by TEE has DF, a hop less on the way in, and goes out of the device asked for": gateway(
    mangle(
      "-A PREROUTING -p udp -m udp --dport 53 -j TEE --gateway 198.51.100.9",
      "-A FORWARD -p udp -m udp --dport 54 -j TEE --gateway 198.51.100.9",
      "-A PREROUTING -p udp -m udp --dport 55 -j TEE --gateway 10.9.9.9 --oif eth2",
      "-A PREROUTING -p udp -m udp --dport 56 -j TEE --gateway 198.18.0.1 --oif eth2",
    ) + STATES,
    [
      ...[53, 54, 55, 56].map((dport) => lan(udp({ dport }))),
      lan(udp({ pad: 100, id: 9, mf: true, l4_slice: [0, 64] })),
      lan(udp({ pad: 100, id: 9, frag: 64, l4_slice: [64, 110] })),
    ],
    { dut: { ifaces: {}, routes: ["198.18.0.0/16 via 10.0.0.9 dev eth0", "unreachable 10.9.0.0/16"] } },
  ),
  "an unreachable route of IPv6 says that there is no route": {
    ...gateway6(filter("-A OUTPUT"), [
      ...["2001:db8:a::1", "2001:db8:b::1", "2001:db8:c::1", "2001:db8:d::1"].map((dst) =>
        lan({ src: "2001:db8::2", dst, proto: "udp", sport: 1, dport: 2 }),
      ),
    ]),
    dut: {
      ifaces: { eth0: { addrs: ["2001:db8::1/64"] } },
      routes: ["unreachable 2001:db8:a::/48", "prohibit 2001:db8:b::/48", "blackhole 2001:db8:c::/48"],
      rules: [],
      sysctl: { "net.ipv6.conf.all.forwarding": 1 },
    },
  },
  "errors may come from the device that the packet came in by": gateway(
    filter("-A FORWARD -j REJECT", "-A INPUT -j REJECT"),
    [
      { in: "eth2", pkt: udp({ src: "10.0.0.7" }) },
      { in: "eth2", pkt: udp({ src: "10.0.0.7", dst: "203.0.113.1" }) },
      { in: "eth2", pkt: udp({ src: "10.0.0.7", ttl: 1 }) },
    ],
    { dut: { ifaces: {}, sysctl: { "net.ipv4.icmp_errors_use_inbound_ifaddr": 1 } } },
  ),
  "a raw socket may not send to everybody unless it has asked to": gateway(
    filter("-A OUTPUT"),
    [
      local(udp({ src: "10.0.0.1", dst: "10.0.0.255" })),
      local(udp({ src: "10.0.0.1", dst: "255.255.255.255" })),
      local(udp({ src: "10.0.0.1", dst: "198.18.0.1" })),
      local(udp({ src: "10.0.0.1", dst: "224.0.0.9" })),
    ],
    { dut: { ifaces: {}, routes: ["broadcast 198.18.0.1 dev eth1"] } },
  ),
  "the kernel's own sockets exist and are nobody's": (() => {
    const OWNERS = filter(
      ...["--socket-exists", "! --socket-exists", "--uid-owner 0", "! --uid-owner 0", "! --gid-owner 5"].map(
        (test) => `-A OUTPUT -m owner ${test}`,
      ),
      "-A INPUT -p udp -m udp --dport 99 -j REJECT",
      "-A INPUT -p tcp -m tcp --dport 99 -j REJECT --reject-with tcp-reset",
    );
    const asked = (src: string, dst: string): readonly Step[] => [
      lan({ src, dst, proto: src.includes(":") ? "icmpv6" : "icmp" }),
      ...[22, 23, 99].map((dport) => lan({ src, dst, proto: "tcp", sport: 5000, dport, flags: "S", seq: 1 })),
      ...[54, 99].map((dport) => lan({ src, dst, proto: "udp", sport: 5000, dport })),
    ];
    return {
      ...gateway6(OWNERS, [
        ...asked(LAN, "10.0.0.1"),
        ...asked("2001:db8::2", "2001:db8::1"),
        lan(solicitation("2001:db8::2", "2001:db8::1", "2001:db8::1", "")),
      ]),
      ruleset: OWNERS,
      dut: {
        ifaces: { eth0: { addrs: ["2001:db8::1/64", "10.0.0.1/24"] } },
        routes: [],
        rules: [],
        listen: [{ proto: "tcp" as const, port: 22 }],
      },
    };
  })(),
  "an IPv6 error is sent to no address that several have": gateway6(
    filter("-A OUTPUT", "-A FORWARD -j REJECT"),
    [
      ...["2001:db8::", "2001:db8:1::", "2001:db8:2::"].flatMap((src) => [
        lan({ src, dst: "2001:db8::1", proto: 253 }),
        lan({ src, dst: "2001:db8:1::9", proto: 253 }),
        lan({ src, dst: "2001:db8::1", proto: "icmpv6", type: 128 }),
      ]),
    ],
  ),
  "a GRE header that is not there has no call id": gateway(STATES, [
    lan({ src: LAN, dst: SERVER, proto: "gre", payload_hex: "" }),
    lan({ src: LAN, dst: SERVER, proto: "gre", payload_hex: "3001" }),
    lan({ src: LAN, dst: OUTSIDE, proto: "gre", payload_hex: "3001880b" }),
  ]),
  "a security label is looked at": gateway(
    STATES,
    [
      "8606000000010000",
      "860800000000000000000000",
      "860800000001010200000000",
      "860800000001010300000000",
    ].map((ipopts_hex) => lan(udp({ ipopts_hex }))),
  ),
  "rpfilter asks for addresses of a link on that link": gateway6(
    raw(
      "-A PREROUTING -m rpfilter --loose",
      "-A PREROUTING -m rpfilter",
      "-A PREROUTING -m rpfilter --invert",
    ),
    [lan, net].flatMap((at) =>
      ["fe80::9", "fe80::1", "2001:db8::9", "2001:db8:1::9"].map((src) =>
        at({ src, dst: "2001:db8:1::2", proto: "udp", sport: 1, dport: 2 }),
      ),
    ),
  ),
  "conntrack forgets the options before a fragment header, and a host reads the payload as them": gateway6(
    STATES,
    [
      ipv6Hex(60, `2c00010400000000110000010000000c1388006300180000`),
      ipv6Hex(60, `2c00010400000000110000080000000c${"68".repeat(16)}`),
      ipv6Hex(60, `2c00010400000000110000010000000d0000000000180000`),
      ipv6Hex(60, `2c00010400000000110000080000000d${"00".repeat(16)}`),
      ipv6Hex(0, `2c00010400000000110000010000000e1388006300180000`),
      ipv6Hex(0, `2c00010400000000110000080000000e${"68".repeat(16)}`),
    ].map((hex) => ({ in: "eth0", hex: hex(TO_HOST) })),
  ),
  "a later fragment of further headers: legacy drops it where a protocol is asked for": gateway6(
    filter("-A FORWARD -p udp", "-A FORWARD"),
    [{ in: "eth0", hex: ipv6Hex(44, `3c0000080000000c${"68".repeat(16)}`)(TO_OTHER) }],
  ),
  "an ICMPv6 redirect is answered with errors like a question": gateway6(
    filter("-A INPUT -j REJECT", "-A OUTPUT"),
    [
      lan({
        src: "2001:db8::2",
        dst: "2001:db8::1",
        proto: "icmpv6",
        type: 137,
        ttl: 255,
        payload_hex: "00".repeat(32),
      }),
      lan({
        src: "2001:db8::2",
        dst: "2001:db8::1",
        proto: "icmpv6",
        type: 137,
        ttl: 255,
        payload_hex: "00".repeat(32),
        badsum: true,
      }),
      lan({ src: "2001:db8::2", dst: "2001:db8:1::2", proto: "icmpv6", type: 137, ttl: 1 }),
      lan({ src: "2001:db8::2", dst: "2001:db8:1::2", proto: "icmpv6", type: 127, ttl: 1 }),
    ],
  ),
  "of 0.0.0.0/8 only 0.0.0.0 is no address": gateway(filter("-A FORWARD -p udp"), [
    lan(udp({ src: "0.1.2.3" })),
    lan(udp({ src: "0.0.0.0" })),
    lan(udp({ dst: "0.1.2.3" })),
    lan(udp({ dst: "0.0.0.0" })),
  ]),
  "a listening socket takes what is for its own address and family": gateway(
    filter("-A OUTPUT -p tcp"),
    [
      lan(tcp("S", { dst: "10.0.0.1" })),
      lan(tcp("S", { dst: OUTSIDE })),
      lan(udp({ dst: "10.0.0.1" })),
      lan(udp({ dst: OUTSIDE })),
      lan(tcp("S", { dst: OUTSIDE, dport: 81 })),
      lan(tcp("S", { src: "2001:db8::2", dst: "2001:db8::1" })),
      lan(tcp("S", { src: "2001:db8::2", dst: "2001:db8::1", dport: 81 })),
    ],
    {
      dut: {
        ifaces: { eth0: { addrs: ["10.0.0.1/24", "2001:db8::1/64"] } },
        listen: [
          { proto: "tcp", port: 80, addr: "10.0.0.1" },
          { proto: "udp", port: 53, addr: "10.0.0.1" },
          { proto: "tcp", port: 81, addr: "::" },
        ],
      },
    },
  ),
  "PPTP's GRE is filed by its call id; GRE and quoted headers below eight bytes are not translated but dropped":
    gateway(nat("-A POSTROUTING -o eth1 -j MASQUERADE") + STATES, [
      lan({ src: LAN, dst: SERVER, proto: "gre", payload_hex: "3001880b0004000700000001aabbccdd" }),
      net({ src: SERVER, dst: OUTSIDE, proto: "gre", payload_hex: "3001880b0004000900000001aabbccdd" }),
      lan({ src: OTHER, dst: SERVER, proto: "gre", payload_hex: "00000800aabb" }),
      lan({ src: OTHER, dst: SERVER, proto: "gre", payload_hex: "00000800aabbccdd" }),
      lan(udp()),
      ...[28, 27, 24].map((inner_len) =>
        net({
          src: "203.0.113.254",
          dst: OUTSIDE,
          proto: "icmp",
          type: 3,
          code: 1,
          inner: udp({ src: OUTSIDE }),
          inner_len,
        }),
      ),
    ]),
  "an ICMP header that is cut short is delivered to no raw socket": gateway(filter("-A INPUT"), [
    lan({ src: LAN, dst: "10.0.0.1", proto: "icmp", type: 8, l4_slice: [0, 4] }),
    lan({ src: LAN, dst: "10.0.0.1", proto: "icmp", type: 8, l4_slice: [0, 8] }),
  ]),
  "a protocol that only the other family knows is unknown": gateway(filter("-A INPUT"), [
    lan({ src: LAN, dst: "10.0.0.1", proto: "icmpv6", payload_hex: "80000000" }),
    lan({ src: LAN, dst: "10.0.0.1", proto: 2, payload_hex: "11000000" }),
    lan({ src: LAN, dst: "10.0.0.1", proto: "sctp", payload_hex: "0001000200000000" }),
  ]),
  "HMARK hashes both directions of a connection alike, and of an error the packet that it quotes": gateway(
    mangle(
      "-A FORWARD -p esp -j HMARK --hmark-tuple src,spi --hmark-mod 4294967295 --hmark-rnd 0xcafe",
      "-A FORWARD -p udp -j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 16 --hmark-sport-mask 0xff00 --hmark-dport 0x0101 --hmark-proto-mask 0x0f --hmark-mod 100 --hmark-rnd 1",
      "-A FORWARD ! -p udp -m mark --mark 0 -j HMARK --hmark-tuple src,dst,sport,dport,proto --hmark-mod 4294967295 --hmark-rnd 0xcafe --hmark-offset 7",
      ...Array.from({ length: 32 }, (_, bit) => `0x${(2 ** bit).toString(16)}`).map(
        (bit) => `-A FORWARD -m mark --mark ${bit}/${bit}`,
      ),
    ),
    [
      lan(tcp("S")),
      net(back("SA")),
      lan(udp()),
      lan(ping()),
      lan({ src: LAN, dst: SERVER, proto: "icmp", type: 3, code: 1, inner: back("SA") }),
      lan({ src: OTHER, dst: SERVER, proto: "esp", payload_hex: "aabbccdd00112233" }),
    ],
  ),
  "errors of routing are limited for each peer: five at once, then none for a while": gateway(
    filter("-A OUTPUT -p icmp"),
    [
      ...Array.from({ length: 8 }, () => lan(udp({ dst: "10.99.0.1" }))),
      lan(udp({ dst: "10.99.0.1", src: OTHER })),
      lan(udp({ dst: "10.99.0.1" }), { delay_ms: 1100 }),
      lan(udp({ dst: "10.99.0.1" })),
    ],
    { dut: { ifaces: {}, routes: ["unreachable 10.99.0.0/16"] } },
  ),
  "the host's own address as source is refused, whatever rp_filter says": gateway(
    raw("-A PREROUTING -p udp") + mangle("-A PREROUTING -p udp") + filter("-A FORWARD -p udp"),
    [
      lan(udp({ src: "10.0.0.1" })),
      lan(udp({ src: OUTSIDE })),
      lan(udp({ src: "198.51.100.7" })),
      lan(udp({ src: "10.0.0.255" })),
    ],
  ),
  "ICMP errors are never answered, queries are": gateway(
    filter("-A INPUT -p icmp -j REJECT", "-A FORWARD -p icmp -j REJECT", "-A OUTPUT -p icmp"),
    ["10.0.0.1", SERVER].flatMap((dst) => [
      ...[3, 4, 5, 11, 12].map((type) =>
        lan({ src: LAN, dst, proto: "icmp", type, inner: udpBack(), icmp_id: 1 }),
      ),
      lan(ping({ dst })),
      lan(ping({ dst, type: 13, payload_hex: "000000000000000000000000" })),
      lan(ping({ dst, type: 9 })),
      lan(ping({ dst, type: 40 })),
    ]),
  ),
  "a fragment within those that came one behind the other is forgotten, one across a seam ends the packet":
    gateway(STATES, [
      lan(udp({ pad: 100, id: 40, mf: true, l4_slice: [0, 32] })),
      lan(udp({ pad: 100, id: 40, mf: true, frag: 32, l4_slice: [32, 64] })),
      lan(udp({ pad: 100, id: 40, mf: true, l4_slice: [0, 64] })),
      lan(udp({ pad: 100, id: 40, mf: true, frag: 16, l4_slice: [16, 48] })),
      lan(udp({ pad: 100, id: 40, frag: 64, l4_slice: [64, 112] })),
      lan(udp({ pad: 100, id: 41, mf: true, frag: 32, l4_slice: [32, 64] })),
      lan(udp({ pad: 100, id: 41, mf: true, l4_slice: [0, 32] })),
      lan(udp({ pad: 100, id: 41, mf: true, l4_slice: [0, 64] })),
      lan(udp({ pad: 100, id: 41, frag: 64, l4_slice: [64, 112] })),
    ]),
  "a fragment that too many others of its source came before begins its packet anew": gateway(
    STATES,
    [2, 3].flatMap((others) => [
      lan(udp({ pad: 100, id: 50 + others, mf: true, l4_slice: [0, 64] })),
      ...Array.from({ length: others }, (_, at) =>
        lan(udp({ id: 60 + 10 * others + at, mf: true, l4_slice: [0, 8] })),
      ),
      lan(udp({ pad: 100, id: 50 + others, frag: 64, l4_slice: [64, 112] })),
      lan(udp({ pad: 100, id: 50 + others, mf: true, l4_slice: [0, 64] })),
    ]),
    { dut: { ifaces: {}, sysctl: { "net.ipv4.ipfrag_max_dist": 3 } } },
  ),
  "as long as nobody touches the rules, the longest prefix of the local and the main table wins": gateway(
    filter("-A FORWARD", "-A INPUT", "-A FORWARD -m addrtype --dst-type LOCAL"),
    [
      lan(udp({ dst: "192.0.2.7" })),
      lan(udp({ dst: "192.0.3.7" })),
      lan(udp({ dst: "192.0.4.7" })),
      { cmd: "ip rule add to 9.9.9.9 lookup main" },
      lan(udp({ dst: "192.0.2.7" })),
      { cmd: "ip rule del to 9.9.9.9 lookup main" },
      lan(udp({ dst: "192.0.2.7" })),
    ],
    {
      dut: {
        ifaces: {},
        routes: [
          "local 192.0.0.0/16 dev eth1",
          "192.0.2.0/24 via 203.0.113.9 dev eth1",
          "unreachable 192.0.4.0/24",
        ],
      },
    },
  ),
  "a route is refused if its gateway is not on a link": gateway(
    filter("-A FORWARD"),
    [
      "192.0.2.0/24 via 9.9.9.9 dev eth1",
      "192.0.2.0/24 via 9.9.9.9",
      "192.0.2.0/24 via 203.0.113.9 dev eth0",
      "192.0.2.0/24 via 10.0.0.255 dev eth0",
      "192.0.2.0/24 via 10.0.0.1 dev eth0",
      "192.0.3.0/24 via 203.0.113.9",
      "192.0.4.0/24 via 203.0.113.9 dev eth1 table 100",
      "192.0.5.0/24 via 192.0.3.1",
      "192.0.6.0/24 dev eth9",
      "2001:db8:9::/64 via 2001:db8:8::1",
      "2001:db8:9::/64 via 2001:db8:8::1 dev eth0",
      "2001:db8:9::/64 via fe80::1",
      "2001:db8:9::/64 via 2001:db8::1 dev eth0",
      "2001:db8:9::/64 via 2001:db8::9",
    ]
      .map((route): Step => ({ cmd: `ip route add ${route}` }))
      .concat(
        { cmd: "ip route replace 192.0.3.0/24 via 9.9.9.9" },
        lan(udp({ dst: "192.0.3.7" })),
        { cmd: "ip rule add to 203.0.113.0/24 blackhole" },
        { cmd: "ip route replace 192.0.3.0/24 via 203.0.113.10 dev eth1" },
        lan(udp({ dst: "192.0.3.7", src: OTHER })),
      ),
    { dut: { ifaces: { eth0: { addrs: ["10.0.0.1/24", "2001:db8::1/64"] } } } },
  ),
  "legacy drops a broken SCTP packet behind a rule whose chunk types it does not have": gateway(
    mangle(
      "-A FORWARD -p sctp -m sctp --dport 81 -m sctp ! --chunk-types any DATA -j ACCEPT",
      "-A FORWARD -p sctp -m sctp ! --chunk-types any DATA -j MARK --set-mark 1",
      "-A FORWARD -m mark --mark 1",
    ),
    [
      "0016138800000009000000000b000004",
      "0016138800000009000000000b000000",
      "00160051000000090000000001000000",
    ].map((payload_hex) => lan({ src: LAN, dst: SERVER, proto: 132, payload_hex })),
  ),
};
