/** What the kernel was seen to do with odd headers, fragments and addresses, and to answer to them. */
import type { CaseFile, PacketFields } from "../../src/cases/index.ts";
import { FILTER, filter, gateway, LAN, lan, local, mangle, nat, net, SERVER, tcp, udp } from "./facts.ts";

type Step = CaseFile["packets"][number];

const RECORD_ROUTE = "0707040000000000";
/** Of times, with no place left. */
const FULL_STAMP = "44040500";
const TOOL = "10.0.0.1";
const gre = (payload_hex: string): PacketFields => ({ src: LAN, dst: SERVER, proto: "gre", payload_hex });

/** Two IPv6 networks. */
const gateway6 = (ruleset6: string, packets: readonly Step[], more: Partial<CaseFile> = {}): CaseFile => ({
  dut: {
    ifaces: { eth0: { addrs: ["2001:db8::1/64"] }, eth1: { addrs: ["2001:db8:1::1/64"] } },
    routes: ["default via 2001:db8:1::9 dev eth1"],
    sysctl: { "net.ipv6.conf.all.forwarding": 1 },
    ...(more.dut?.listen !== undefined && { listen: more.dut.listen }),
  },
  ruleset6,
  packets: [...packets],
});
const HOST6 = "2001:db8::2";
const udp6 = (src: string, dst: string): Step =>
  lan({ src, dst, proto: "udp", sport: 1, dport: 2, payload: "hi" });

/** A fragment of IPv6 from eth0: to this host, or through it. `field` is the offset in bytes, and 1 if there are more. */
const piece6 = (to: "here" | "on", field: number, protocol: number, data: string): Step => ({
  in: "eth0",
  hex: `60012345${(8 + data.length / 2).toString(16).padStart(4, "0")}2c4020010db800000000000000000000000220010db8${
    to === "here" ? "00000000" : "00010000"
  }000000000000000${to === "here" ? 1 : 2}${protocol.toString(16).padStart(2, "0")}00${field.toString(16).padStart(4, "0")}00000007${data}`,
});
const SEGMENT = "00010fa0000003e8000000005002faf05f800000";

export const HEADER_FACTS: Readonly<Record<string, CaseFile>> = {
  "the route is recorded on the way and in answers": gateway(
    filter("-A FORWARD -p tcp -j REJECT", "-A OUTPUT -p icmp"),
    [
      lan(udp({ ipopts_hex: RECORD_ROUTE })),
      lan(tcp("S", { ipopts_hex: RECORD_ROUTE })),
      lan({ src: LAN, dst: TOOL, proto: "icmp", ipopts_hex: "070b04000000000000000000" }),
      lan(tcp("S", { dst: TOOL, ipopts_hex: RECORD_ROUTE })),
      lan(udp({ dst: TOOL, ipopts_hex: FULL_STAMP })),
      lan(udp({ ipopts_hex: "0000ffff" })),
    ],
  ),
  "REJECT sums up no more what conntrack has": gateway(
    filter("-A FORWARD -m conntrack --ctstate NEW -j REJECT"),
    [lan(udp({ ipopts_hex: RECORD_ROUTE })), lan(tcp("S", { ipopts_hex: RECORD_ROUTE }))],
  ),
  "a broken option is answered before a missing route": gateway(
    filter("-A OUTPUT -p icmp"),
    [
      lan(udp({ ipopts_hex: "07030300" })),
      lan(udp({ ipopts_hex: "440405f0" })),
      lan(udp({ dst: "8.8.8.8", ipopts_hex: RECORD_ROUTE })),
      lan(udp({ dst: "8.8.8.8", ipopts_hex: "070c0400" })),
    ],
    { dut: { ifaces: {}, rules: ["to 8.8.8.8 unreachable"] } },
  ),
  "GRE is filed by its call id, and cut short without one": gateway(
    filter("-A FORWARD -m conntrack --ctstate NEW"),
    [lan(gre("3001880b0004000700000000")), lan(gre("3001080b0004000700000000")), lan(gre("00"))],
  ),
  "TCP does not answer a broadcast frame": gateway(filter("-A OUTPUT"), [
    { ...lan(tcp("S", { dst: TOOL })), dmac: "ff:ff:ff:ff:ff:ff" },
    lan(tcp("S", { dst: TOOL })),
  ]),
  "an error that quotes too little to be translated is dropped": gateway(
    nat("-A POSTROUTING -o eth1 -j MASQUERADE"),
    [24, 28].flatMap((inner_len) => [
      lan(udp()),
      net({
        src: SERVER,
        dst: "203.0.113.1",
        proto: "icmp",
        type: 3,
        code: 3,
        inner: { ...udp(), src: "203.0.113.1" },
        inner_len,
      }),
    ]),
  ),
  "a SYN that asks for congestion notification gets it": gateway(
    filter("-A OUTPUT"),
    [lan(tcp("SEC", { dst: TOOL })), lan(tcp("SEC", { dst: TOOL, sport: 9, tos: 2 }))],
    { dut: { ifaces: {}, listen: [{ proto: "tcp", port: 80 }] } },
  ),
  "REJECT sums up the whole packet of an odd protocol": gateway(filter("-A FORWARD -j REJECT"), [
    lan({ src: LAN, dst: SERVER, proto: 253 }),
    lan({ src: LAN, dst: SERVER, proto: 253, payload: "hello" }),
    lan({ src: LAN, dst: SERVER, proto: 2, payload_hex: "00000000" }),
  ]),
  "the host's own address is no source of broadcasts": gateway(filter("-A INPUT"), [
    lan(udp({ src: "127.0.0.1", dst: "255.255.255.255" })),
    lan(udp({ src: "203.0.113.1", dst: "255.255.255.255" })),
    lan(udp({ dst: "255.255.255.255" })),
    lan(udp({ src: "127.0.0.1", dst: "224.0.0.1" })),
    lan(udp({ src: "203.0.113.1", dst: "224.0.0.1" })),
  ]),
  "a program is told why a changed packet finds no way": gateway(
    nat("-A OUTPUT -p udp -j DNAT --to-destination 192.0.2.9") +
      mangle("-A OUTPUT -p tcp -j MARK --set-mark 1"),
    [
      local(udp({ src: "203.0.113.1" })),
      local(tcp("S", { src: "203.0.113.1" })),
      local(udp({ src: "203.0.113.1", dst: "192.0.2.9" })),
      local(tcp("S", { src: "203.0.113.1", dst: "192.0.2.8" })),
    ],
    {
      dut: {
        ifaces: {},
        routes: ["unreachable 192.0.2.9", "prohibit 192.0.2.8"],
        rules: ["fwmark 1 blackhole"],
      },
    },
  ),
  "nft makes no chain that nobody names, and translates all the same": gateway(
    "*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i eth0 -j ACCEPT\nCOMMIT\n",
    [lan(udp()), net({ src: SERVER, dst: "203.0.113.1", proto: "udp", sport: 53, dport: 5000 })],
  ),
  "nft reads ports in a later fragment": gateway(
    filter(
      "-A FORWARD -p tcp -m tcp --dport 4000",
      "-A FORWARD -p tcp -m tcp ! --dport 5",
      "-A FORWARD -p tcp -m tcp --tcp-flags SYN SYN",
      "-A FORWARD -p tcp -m multiport --dports 4000",
      "-A FORWARD -p udp -m udp --sport 1",
    ),
    [
      { in: "eth0", hex: `45000028000100024006aec10a000002c000020a${SEGMENT}` },
      { in: "eth0", hex: "45000018000100024011aec60a000002c000020a00010fa0" },
    ],
  ),
  "nft reads ports of a later IPv6 fragment at the packet's start": gateway6(
    filter(
      "-A FORWARD -p tcp -m tcp --sport 24577",
      "-A FORWARD -p tcp -m tcp --dport 9029",
      "-A FORWARD -p tcp -m tcp --dport 4000",
      "-A FORWARD -p udp -m udp --dport 4000",
    ),
    [piece6("on", 16, 6, SEGMENT), piece6("on", 16, 17, SEGMENT)],
  ),
  "IPv6 fragments for this host are put together behind INPUT": gateway6(
    `${FILTER}-A INPUT -p udp\n-A OUTPUT -p ipv6-icmp\nCOMMIT\n`,
    [
      piece6("here", 1, 17, `0001003500180000${"61".repeat(8)}`),
      piece6("here", 16, 17, "62".repeat(8)),
      piece6("here", 0, 17, `00010035000c0000${"61".repeat(4)}`),
      piece6("here", 1, 6, SEGMENT.slice(0, 32)),
      piece6("here", 17, 6, "636363"),
    ],
  ),
  "conntrack lets IPv6 fragments that it cannot use go on": gateway6(
    filter("-A FORWARD -m conntrack --ctstate INVALID", "-A FORWARD -m conntrack --ctstate NEW"),
    [
      piece6("on", 1, 6, SEGMENT.slice(0, 32)),
      piece6("on", 17, 6, "636363"),
      piece6("on", 0, 6, SEGMENT),
      piece6("on", 24, 58, "64".repeat(8)),
    ],
  ),
  "answers to a link-local address leave where it came in": gateway6(
    filter("-A FORWARD -p tcp -j REJECT", "-A OUTPUT -p ipv6-icmp", "-A OUTPUT -p tcp"),
    [
      udp6("fe80::2", "2001:db8::1"),
      lan({ src: "fe80::2", dst: "2001:db8::1", proto: "tcp", sport: 1, dport: 2, flags: "S" }),
      lan({ src: "fe80::2", dst: "2001:db8::1", proto: "icmpv6" }),
      udp6("fe80::2", "2001:db8:1::2"),
      udp6(HOST6, "fe80::9"),
    ],
  ),
  "of IPv6 groups only those of all nodes and routers are heard": gateway6(
    filter("-A INPUT -p udp"),
    ["ff01::1", "ff02::1", "ff02::2", "ff05::2", "ff02::5"].map((group) => udp6(HOST6, group)),
  ),
  "a router answers to the first address of its networks": gateway6(
    filter("-A INPUT", "-A OUTPUT -p ipv6-icmp", "-A OUTPUT -p tcp"),
    [
      udp6(HOST6, "2001:db8::"),
      lan({ src: HOST6, dst: "2001:db8::", proto: "icmpv6" }),
      lan({ src: HOST6, dst: "2001:db8::", proto: "tcp", sport: 1, dport: 2, flags: "S" }),
    ],
  ),
  "a socket of IPv4 has no IPv6 packets": gateway6(
    filter("-A OUTPUT -p ipv6-icmp"),
    [lan({ src: HOST6, dst: "2001:db8::1", proto: "udp", sport: 1, dport: 53, payload: "hi" })],
    { dut: { ifaces: {}, listen: [{ proto: "udp", port: 53 }] } },
  ),
};
