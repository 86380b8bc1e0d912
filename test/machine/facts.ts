/**
 * What the kernel was seen to do, one case each: rules as short as the fact allows, and packets that show it. The names say
 * the fact; the kernel's own answers stand in `recorded/`.
 */
import type { CaseFile, PacketFields } from "../../src/cases/index.ts";

type Step = CaseFile["packets"][number];

const FILTER = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
const NAT =
  "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
const MANGLE =
  "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
const RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";

const table = (head: string, ...rules: readonly string[]): string =>
  `${head}${rules.map((rule) => `${rule}\n`).join("")}COMMIT\n`;
const filter = (...rules: readonly string[]): string => table(FILTER, ...rules);
const nat = (...rules: readonly string[]): string => table(NAT, ...rules);
const mangle = (...rules: readonly string[]): string => table(MANGLE, ...rules);
const raw = (...rules: readonly string[]): string => table(RAW, ...rules);

const LAN = "10.0.0.2";
const OTHER = "10.0.0.3";
const SERVER = "192.0.2.10";
const DATAGRAM6: PacketFields = { src: "2001:db8::2", dst: "2001:db8::1", proto: "udp", dport: 53 };
const OUTSIDE = "203.0.113.1";

/** eth0 the LAN, eth1 the internet, eth2 another network; forwarding. */
function gateway(ruleset: string, packets: readonly Step[], more: Partial<CaseFile> = {}): CaseFile {
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
const lan = from("eth0");
const net = from("eth1");
const local = (pkt: PacketFields): Step => ({ out: true, pkt });

const tcp = (flags: string, more: Partial<PacketFields> = {}): PacketFields => ({
  src: LAN,
  dst: SERVER,
  sport: 5000,
  dport: 80,
  flags,
  seq: 1000,
  ...more,
});
const back = (flags: string, more: Partial<PacketFields> = {}): PacketFields => ({
  src: SERVER,
  dst: LAN,
  sport: 80,
  dport: 5000,
  flags,
  seq: 9000,
  ack: 1001,
  ...more,
});
const udp = (more: Partial<PacketFields> = {}): PacketFields => ({
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
};
