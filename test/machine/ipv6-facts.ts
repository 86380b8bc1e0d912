/** As facts.ts, of IPv6: extension headers, fragments, groups and scopes, routes of all types. */
import { buildPacket } from "../../src/cases/build-packet.ts";
import type { CaseFile, PacketFields } from "../../src/cases/index.ts";
import { put16, put32, toHex } from "../../src/net/index.ts";

type Step = CaseFile["packets"][number];

const TRACKED = ["INPUT", "FORWARD", "OUTPUT"].flatMap((chain) =>
  ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"].map(
    (state) => `-A ${chain} -m conntrack --ctstate ${state}`,
  ),
);

const filter = (...rules: readonly string[]): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.map((rule) => `${rule}\n`).join("")}COMMIT\n`;

const HOST = "2001:db8::1";
const NEAR = "2001:db8::2";
const FAR = "2001:db8:1::9";

function router(ruleset6: string, packets: readonly Step[], routes: readonly string[] = []): CaseFile {
  return {
    dut: {
      ifaces: { eth0: { addrs: [`${HOST}/64`] }, eth1: { addrs: ["2001:db8:1::1/64"] } },
      routes: ["default via 2001:db8:1::fe dev eth1", ...routes],
      rules: [],
      sysctl: { "net.ipv6.conf.all.forwarding": 1, "net.ipv6.icmp.ratelimit": 0 },
    },
    ruleset6,
    packets: [...packets],
  };
}

const near = (pkt: PacketFields): Step => ({ in: "eth0", pkt });
const raw = (bytes: Uint8Array): Step => ({ in: "eth0", hex: toHex(bytes) });
const ping = (more: Partial<PacketFields> = {}): PacketFields => ({
  src: NEAR,
  dst: HOST,
  proto: "icmpv6",
  payload: "abcd",
  ...more,
});
const udp = (more: Partial<PacketFields> = {}): PacketFields => ({
  src: NEAR,
  dst: FAR,
  proto: "udp",
  sport: 5000,
  dport: 99,
  payload: "abcd",
  ...more,
});

/** A header's number, and its bytes without the first, which is the number of what follows. */
type Header = readonly [number: number, rest: readonly number[]];

/** The packet with extension headers before its transport. */
function behind(pkt: PacketFields, ...headers: readonly Header[]): Uint8Array {
  const plain = buildPacket(pkt) as Uint8Array;
  const extension = headers.flatMap(([, rest], at) => [
    headers[at + 1]?.[0] ?? (plain[6] as number),
    ...rest,
  ]);
  const bytes = Uint8Array.from([...plain.subarray(0, 40), ...extension, ...plain.subarray(40)]);
  put16(bytes, 4, bytes.length - 40);
  bytes[6] = headers[0]?.[0] ?? (plain[6] as number);
  return bytes;
}

/** The packet in pieces, cut `cuts` bytes behind its last header of those given. */
function pieces(
  pkt: PacketFields,
  id: number,
  cuts: readonly number[],
  ...headers: readonly Header[]
): Step[] {
  const plain = buildPacket(pkt) as Uint8Array;
  const ends = [...cuts, plain.length - 40];
  return ends.map((end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] as number);
    const fragment: Header = [44, [0, 0, 0, 0, 0, 0, 0]];
    const shell = behind(pkt, ...headers, fragment);
    const head = shell.length - (plain.length - 40);
    const bytes = Uint8Array.from([...shell.subarray(0, head), ...plain.subarray(40 + start, 40 + end)]);
    put16(bytes, 4, bytes.length - 40);
    put16(bytes, head - 6, start | (index < ends.length - 1 ? 1 : 0));
    put32(bytes, head - 4, id);
    return raw(bytes);
  });
}

/** The packet in pieces, the given header behind the fragment header of the first. */
function cutBehind(pkt: PacketFields, header: Header, cuts: readonly number[]): Step[] {
  const whole = behind(pkt, header);
  const ends = [...cuts, whole.length - 40];
  return ends.map((end, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] as number);
    const fragment = [whole[6] as number, 0, 0, 0, 0, 0, 0, 9];
    const bytes = Uint8Array.from([
      ...whole.subarray(0, 40),
      ...fragment,
      ...whole.subarray(40 + start, 40 + end),
    ]);
    bytes[6] = 44;
    put16(bytes, 4, bytes.length - 40);
    put16(bytes, 42, start | (index < ends.length - 1 ? 1 : 0));
    return raw(bytes);
  });
}

const option = (number: number, ...option: readonly number[]): Header => [
  number,
  [0, ...option, ...new Array<number>(6 - option.length).fill(0)],
];
const HBH = 0;
const DST = 60;
const ROUTING = 43;
const PADDING = [1, 4];

/** An echo request of 1,568 bytes, in two fragments. */
function longPing(): readonly Step[] {
  const whole = buildPacket({ ...ping(), payload: "x".repeat(1560) });
  if (typeof whole === "string") throw new Error(whole);
  const icmp = whole.subarray(40);
  return [0, 1440].map((offset) => {
    const part = icmp.subarray(offset, offset + 1440);
    const piece = new Uint8Array(48 + part.length);
    piece.set(whole.subarray(0, 40));
    put16(piece, 4, 8 + part.length);
    piece[6] = 44;
    piece[40] = 58;
    put16(piece, 42, offset + (offset === 0 ? 1 : 0));
    put32(piece, 44, 0x1234);
    piece.set(part, 48);
    return raw(piece);
  });
}

export const IPV6_FACTS: Readonly<Record<string, CaseFile>> = {
  "an echo reply that is longer than the MTU is cut": router(
    filter("-A OUTPUT"),
    // Two fragments: 1,440 and 128 bytes of one echo request.
    longPing(),
  ),
  "an inverted soft ipv6header asks for none of the headers": router(
    filter(
      "-A INPUT -m ipv6header ! --header ipv6-route,prot --soft",
      "-A INPUT -m ipv6header ! --header ipv6-route,auth --soft",
      "-A INPUT -m ipv6header --header ipv6-route,prot --soft",
      "-A INPUT -m ipv6header --header prot --soft",
    ),
    [near({ src: NEAR, dst: HOST, proto: "udp", sport: 1, dport: 2 })],
  ),
  "without conntrack INPUT sees IPv6 fragments one by one, and the host puts them together behind it": router(
    filter("-A INPUT -p ipv6-icmp", "-A INPUT -p udp", "-A INPUT -m frag"),
    [
      ...pieces(ping({ pad: 400 }), 7, [200]),
      ...pieces(udp({ dst: HOST, pad: 400 }), 8, [200, 304]).reverse(),
      ...pieces(udp({ dst: HOST, sport: 5001 }), 9, []),
      ...pieces(ping({ pad: 400 }), 10, [4]),
      ...pieces(ping({ pad: 400 }), 11, [201]),
      ...pieces(udp({ pad: 400, ttl: 1 }), 12, [200]),
    ],
  ),
  "conntrack puts IPv6 fragments together; they leave cut as they came, behind the headers of each": router(
    filter(...TRACKED),
    [
      ...pieces(udp({ pad: 400 }), 7, [200]),
      ...pieces(udp({ pad: 400, sport: 5001 }), 8, [200], option(HBH, ...PADDING)),
      ...pieces(udp({ pad: 400, sport: 5002 }), 9, [200], option(DST, ...PADDING)),
      ...pieces(udp({ sport: 5003 }), 10, []),
      ...pieces(udp({ pad: 400, sport: 5004 }), 11, [201]),
      ...pieces(ping({ pad: 400 }), 12, [200]),
    ],
  ),
  "IPv6 options: what must be known is refused with its place, by routers only if it is hop by hop": router(
    filter(...TRACKED),
    [
      raw(behind(ping(), option(DST, ...PADDING))),
      raw(behind(ping(), option(HBH, ...PADDING))),
      raw(behind(ping(), option(DST, 0xc3, 4))),
      raw(behind(ping(), option(DST, 0x83, 4))),
      raw(behind(ping(), option(DST, 0x43, 4))),
      raw(behind(ping(), option(DST, 0x03, 4))),
      raw(behind(udp(), option(DST, 0xc3, 4))),
      raw(behind(udp(), option(HBH, 0xc3, 4))),
      raw(behind(udp(), option(HBH, 0x43, 4))),
      raw(behind(udp({ sport: 5001 }), option(HBH, 0x03, 4))),
      raw(behind(udp({ sport: 5002 }), option(HBH, 5, 2, 0, 0, 1, 0))),
      raw(behind(udp(), option(HBH, 5, 4))),
      raw(behind(udp(), option(HBH, 0xc2, 4))),
      raw(behind(udp(), option(HBH, 0xc2, 4, 0, 1))),
      raw(behind(udp(), option(HBH, 1, 9))),
      raw(behind(udp(), option(HBH, 1, 4, 9))),
      raw(behind(ping(), option(HBH, ...PADDING), option(DST, 0x83, 4))),
    ],
  ),
  "IPv6 routing headers are refused unless used up; an unknown next header is, with its place; behind 59 is nothing":
    router(filter(...TRACKED), [
      raw(behind(ping(), [ROUTING, [0, 0, 0, 0, 0, 0, 0]])),
      raw(behind(ping({ icmp_id: 2 }), [ROUTING, [0, 0, 1, 0, 0, 0, 0]])),
      raw(behind(ping({ icmp_id: 3 }), [ROUTING, [0, 2, 0, 0, 0, 0, 0]])),
      raw(behind(ping({ icmp_id: 4 }), [ROUTING, [0, 4, 0, 0, 0, 0, 0]])),
      raw(behind(ping({ icmp_id: 5 }), [ROUTING, [0, 4, 1, 0, 0, 0, 0]])),
      raw(behind(udp(), [ROUTING, [0, 0, 1, 0, 0, 0, 0]])),
      near({ src: NEAR, dst: HOST, proto: 200, payload_hex: "aabbccdd" }),
      raw(behind({ src: NEAR, dst: HOST, proto: 200, payload_hex: "aabb" }, option(DST, ...PADDING))),
      near({ src: NEAR, dst: HOST, proto: 59, payload_hex: "" }),
      near({ src: NEAR, dst: FAR, proto: 59, payload_hex: "" }),
      near({ src: NEAR, dst: HOST, proto: "icmp", icmp_id: 6 }),
      near({ src: NEAR, dst: HOST, proto: 51, payload_hex: "aabbccdd00000000" }),
    ]),
  "IPv6 groups, anycast and scopes: who is heard, what answers, what is forwarded": router(
    filter(...TRACKED),
    [
      near(ping({ dst: "ff02::1" })),
      near(ping({ dst: "ff02::2" })),
      near(ping({ dst: "ff05::2" })),
      near(ping({ dst: "ff01::1" })),
      near(udp({ dst: "ff02::1" })),
      near(udp({ dst: "ff05::77" })),
      near(ping({ dst: "2001:db8::" })),
      near(ping({ dst: "2001:db8:1::" })),
      near(udp({ dst: "2001:db8::" })),
      near({ src: NEAR, dst: "2001:db8::", sport: 5000, dport: 80 }),
      near(udp({ src: "::5" })),
      near(udp({ src: "::" })),
      near(udp({ src: HOST })),
      near(ping({ src: "::" })),
      near(ping({ src: "fe80::9" })),
      near(udp({ src: "fe80::9" })),
      near(udp({ dst: "fe80::77" })),
      near(udp({ dst: "::1" })),
      near(udp({ dst: "::" })),
      near(udp({ dst: NEAR })),
    ],
  ),
  "a host that does not forward IPv6 has no anycast addresses, hears no routers' group, and forwards nothing":
    {
      ...router(filter(...TRACKED), [
        near(ping({ dst: "2001:db8::" })),
        near(ping({ dst: "ff02::2" })),
        near(ping({ dst: "ff02::1" })),
        near(udp()),
      ]),
      dut: {
        ifaces: { eth0: { addrs: [`${HOST}/64`] }, eth1: { addrs: ["2001:db8:1::1/64"] } },
        routes: ["default via 2001:db8:1::fe dev eth1"],
        rules: [],
        sysctl: {},
      },
    },
  "IPv6 routes and rules of all types; the MTU of a route counts only when the packet leaves": router(
    filter("-A FORWARD -p udp"),
    [
      ...[
        "from 2001:db8::3 lookup 100",
        "from 2001:db8::4 blackhole",
        "from 2001:db8::5 prohibit",
        "from 2001:db8::6 unreachable",
        "fwmark 7 lookup 100",
        "ipproto udp dport 777 lookup 100",
        "not from 2001:db8::/32 prohibit",
      ].map((rule) => ({ cmd: `ip -6 rule add ${rule}` })),
      { cmd: "ip -6 route add default dev eth0 metric 5" },
      { cmd: "ip -6 route del default metric 5" },
      { cmd: "ip -6 route add default dev eth0" },
      { cmd: "ip -6 rule del fwmark 7 lookup 100" },
      { cmd: "ip -6 rule del fwmark 7 lookup 100" },
      ...[10, 11, 12, 13, 14, 15].map((network) =>
        near(udp({ dst: `2001:db8:${network}::1`, pad: network === 14 ? 1300 : 0 })),
      ),
      ...[3, 4, 5, 6].flatMap((host) =>
        [15, 16].map((network) => near(udp({ src: `2001:db8::${host}`, dst: `2001:db8:${network}::1` }))),
      ),
      near(udp({ dst: "2001:db8:16::1", dport: 777 })),
      near(udp({ src: "2002::1", dst: "2001:db8:16::1" })),
    ],
    [
      "unreachable 2001:db8:10::/64",
      "blackhole 2001:db8:11::/64",
      "prohibit 2001:db8:12::/64",
      "throw 2001:db8:13::/64",
      "2001:db8:14::/64 dev eth1 mtu 1300",
      "default via 2001:db8::9 dev eth0 table 100",
      "throw 2001:db8:15::/64 table 100",
    ],
  ),
  "a router tells who sends to it of the next hop on the same link, from its link-local address; no redirect is answered":
    {
      ...router(filter("-A OUTPUT -p ipv6-icmp -d 2001:db8::3 -j REJECT", "-A OUTPUT -p ipv6-icmp"), [
        near(udp({ dst: "2001:db8::9" })),
        near(udp({ dst: "2001:db8:20::1", pad: 1300 })),
        near(udp({ dst: "2001:db8:21::1" })),
        near(udp({ src: "2001:db8::3", dst: "2001:db8:20::1" })),
        near(udp({ src: "2001:db8:99::1", dst: "2001:db8::9" })),
        near(udp({ dst: "2001:db8::9", ttl: 1 })),
        ...Array.from({ length: 7 }, (_, at) => near(udp({ dst: "2001:db8:20::1", sport: 6000 + at }))),
      ]),
      dut: {
        ifaces: {
          eth0: { addrs: [`${HOST}/64`, "fe80::1/64"] },
          eth1: { addrs: ["2001:db8:1::1/64"] },
        },
        routes: [
          "default via 2001:db8:1::fe dev eth1",
          "2001:db8:20::/64 via fe80::99 dev eth0",
          "2001:db8:21::/64 via 2001:db8::99 dev eth0",
        ],
        rules: [],
        sysctl: { "net.ipv6.conf.all.forwarding": 1, "net.ipv6.icmp.ratelimit": 0 },
      },
    },
  "rpfilter lets an IPv6 packet from nowhere pass": router(
    "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m rpfilter\n-A PREROUTING -m rpfilter --loose\n-A PREROUTING -m rpfilter --invert\nCOMMIT\n",
    [
      near(ping({ src: "::" })),
      near(ping()),
      near(ping({ src: "2001:db8:1::7" })),
      near(ping({ src: "::5" })),
    ],
  ),
  "hop-by-hop options behind another header are a header that nobody knows, also where that was a fragment's":
    router(filter(...TRACKED), [
      raw(behind(ping(), [44, [0, 0, 0, 0, 0, 0, 7]], option(HBH, ...PADDING))),
      raw(behind(ping({ icmp_id: 2 }), option(DST, ...PADDING), option(HBH, ...PADDING))),
    ]),
  "nft takes an authentication header for the protocol, legacy what is behind it": router(
    filter("-A FORWARD -p udp", "-A FORWARD -p ah", "-A FORWARD ! -p ah", "-A FORWARD -m ah"),
    [
      raw(behind(udp(), [51, [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]])),
      ...pieces(udp({ pad: 400 }), 8, [200, 304], [51, [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]]),
    ],
  ),
  "IPv6 fragments behind an authentication header are cut as they came": router(
    filter(...TRACKED),
    pieces(udp({ pad: 400 }), 9, [200, 304], [51, [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]]),
  ),
  "REJECT answers no IPv6 packet that ends where its transport header begins": router(
    filter("-A FORWARD -j REJECT", "-A OUTPUT"),
    ["", "aa"].map((payload_hex) => near({ src: NEAR, dst: FAR, proto: 50, payload_hex })),
  ),
  "IPv6 fragments that would need more headers than they came with are cut anew": router(
    filter(...TRACKED),
    cutBehind(udp({ pad: 400 }), option(DST, ...PADDING), [200, 304]),
  ),
  "a packet that conntrack put together is put together no more": router(
    filter(...TRACKED),
    cutBehind(ping({ pad: 400 }), [44, [0, 0, 0, 0, 0, 0, 7]], [200, 304]),
  ),
};
