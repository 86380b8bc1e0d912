import { describe, expect, test } from "vitest";
import { printAddress } from "../net/index.ts";
import { type Nexthop, parseIpRoute, type Route } from "./ip-route.ts";

const parse = (text: string) => parseIpRoute(text, "routes");

function nexthop({ via, dev, weight, flags, encap, realms, other }: Nexthop): string {
  const words = [via === undefined ? "" : `via ${printAddress(via)}`, dev === undefined ? "" : `dev ${dev}`];
  if (weight !== undefined) words.push(`*${weight}`);
  if (encap !== undefined) words.push(`[${encap}]`);
  if (realms !== undefined) words.push(`realms ${realms.from ?? ""}/${realms.to}`);
  return [...words, ...flags, ...other].filter((word) => word !== "").join(" ");
}

/** One line for one route, always with its type and in one order. */
function summary(route: Route): string {
  const words = [route.type, `${printAddress(route.destination.address)}/${route.destination.prefixBits}`];
  const { source, table, tos, metric, protocol, scope, preferredSource, pref, nexthopId, expiresSec } = route;
  if (source !== undefined) words.push(`from ${printAddress(source.address)}/${source.prefixBits}`);
  if (preferredSource !== undefined) words.push(`src ${printAddress(preferredSource)}`);
  for (const [name, value] of Object.entries({
    table,
    tos,
    metric,
    protocol,
    scope,
    pref,
    nexthopId,
    expiresSec,
  })) {
    if (value !== undefined) words.push(`${name} ${value}`);
  }
  for (const { name, value, locked } of route.metrics) words.push(`${name}=${value}${locked ? "!" : ""}`);
  for (const each of route.nexthops) words.push(`(${nexthop(each)})`);
  return [...words, ...route.other].join(" ");
}

/** Text and JSON of iproute2 6.1 on Linux 6.18; without JSON: older tools, or what JSON does not say. */
const REAL: readonly (readonly [string, string, string])[] = [
  [
    "default via 192.0.2.1 dev d0 metric 100 ",
    '{"dst":"default","gateway":"192.0.2.1","dev":"d0","metric":100,"flags":[]}',
    "unicast 0.0.0.0/0 metric 100 (via 192.0.2.1 dev d0)",
  ],
  [
    "10.0.100.0/24 dev d0.100 proto kernel scope link src 10.0.100.1 linkdown ",
    '{"dst":"10.0.100.0/24","dev":"d0.100","protocol":"kernel","scope":"link","prefsrc":"10.0.100.1","flags":["linkdown"]}',
    "unicast 10.0.100.0/24 src 10.0.100.1 protocol kernel scope link (dev d0.100 linkdown)",
  ],
  [
    "10.2.0.0/16 via 192.0.2.1 dev d0 mtu lock 1400 rtt 37ms features ecn rto_min lock 200ms congctl cubic ",
    "",
    "unicast 10.2.0.0/16 mtu=1400! rtt=37ms features=ecn rto_min=200ms! congctl=cubic (via 192.0.2.1 dev d0)",
  ],
  [
    "10.1.0.0/16 via 192.0.2.1 dev d0 table 100 mtu 1400 rtt 37ms features ecn congctl cubic ",
    '{"dst":"10.1.0.0/16","gateway":"192.0.2.1","dev":"d0","table":"100","flags":[],"metrics":[{"mtu":1400,"rtt":37,"ecn":null,"congestion":"cubic"}]}',
    "unicast 10.1.0.0/16 table 100 mtu=1400 rtt=37ms features=ecn congctl=cubic (via 192.0.2.1 dev d0)",
  ],
  [
    "10.3.0.0/16 dev d0 scope link realms 5/7 ",
    '{"dst":"10.3.0.0/16","dev":"d0","scope":"link","flags":[],"flow":{"from":"5","to":"7"}}',
    "unicast 10.3.0.0/16 scope link (dev d0 realms 5/7)",
  ],
  [
    "10.16.0.0/16 via 192.0.2.1 dev d0 realm 9 ",
    '{"dst":"10.16.0.0/16","gateway":"192.0.2.1","dev":"d0","flags":[],"flow":{"to":"9"}}',
    "unicast 10.16.0.0/16 (via 192.0.2.1 dev d0 realms /9)",
  ],
  [
    "10.4.0.0/16 tos 0x10 via 192.0.2.9 dev d0 proto static ",
    '{"dst":"10.4.0.0/16","tos":"0x10","gateway":"192.0.2.9","dev":"d0","protocol":"static","flags":[]}',
    "unicast 10.4.0.0/16 tos 16 protocol static (via 192.0.2.9 dev d0)",
  ],
  [
    "10.5.0.0/16 via 172.31.0.1 dev d0 proto bird onlink ",
    '{"dst":"10.5.0.0/16","gateway":"172.31.0.1","dev":"d0","protocol":"bird","flags":["onlink"]}',
    "unicast 10.5.0.0/16 protocol bird (via 172.31.0.1 dev d0 onlink)",
  ],
  [
    "10.6.0.0/16 via inet6 2001:db8::99 dev d0 ",
    '{"dst":"10.6.0.0/16","via":{"family":"inet6","host":"2001:db8::99"},"dev":"d0","flags":[]}',
    "unicast 10.6.0.0/16 (via 2001:db8::99 dev d0)",
  ],
  ["blackhole 10.7.0.0/16 ", '{"type":"blackhole","dst":"10.7.0.0/16","flags":[]}', "blackhole 10.7.0.0/16"],
  [
    "unreachable 10.8.0.0/16 metric 4000 ",
    '{"type":"unreachable","dst":"10.8.0.0/16","metric":4000,"flags":[]}',
    "unreachable 10.8.0.0/16 metric 4000",
  ],
  ["6 10.7.0.0/16 ", '{"type":"6","dst":"10.7.0.0/16","flags":[]}', "blackhole 10.7.0.0/16"],
  [
    "throw 10.11.0.0/16 table 200 ",
    '{"type":"throw","dst":"10.11.0.0/16","table":"200","flags":[]}',
    "throw 10.11.0.0/16 table 200",
  ],
  [
    "local 192.0.2.10 dev d0 table local proto kernel scope host src 192.0.2.10 ",
    '{"type":"local","dst":"192.0.2.10","dev":"d0","table":"local","protocol":"kernel","scope":"host","prefsrc":"192.0.2.10","flags":[]}',
    "local 192.0.2.10/32 src 192.0.2.10 table local protocol kernel scope host (dev d0)",
  ],
  [
    "multicast 232.0.0.0/8 dev d0 scope link ",
    '{"type":"multicast","dst":"232.0.0.0/8","dev":"d0","scope":"link","flags":[]}',
    "multicast 232.0.0.0/8 scope link (dev d0)",
  ],
  [
    "10.18.0.0/16  encap ip id 100 src 0.0.0.0 dst 192.0.2.50 ttl 0 tos 0 via 192.0.2.1 dev d0 ",
    '{"dst":"10.18.0.0/16","encap":"ip","id":100,"src":"0.0.0.0","dst":"192.0.2.50","ttl":0,"tos":0,"gateway":"192.0.2.1","dev":"d0","flags":[]}',
    "unicast 10.18.0.0/16 (via 192.0.2.1 dev d0 [ip id 100 src 0.0.0.0 dst 192.0.2.50 ttl 0 tos 0])",
  ],
  [
    "10.21.0.0/16 nhid 3 \n\tnexthop via 192.0.2.1 dev d0 weight 1 \n\tnexthop via 198.51.100.2 dev d1 weight 1 ",
    '{"dst":"10.21.0.0/16","nhid":3,"flags":[],"nexthops":[{"gateway":"192.0.2.1","dev":"d0","weight":1,"flags":[]},{"gateway":"198.51.100.2","dev":"d1","weight":1,"flags":[]}]}',
    "unicast 10.21.0.0/16 nexthopId 3 (via 192.0.2.1 dev d0 *1) (via 198.51.100.2 dev d1 *1)",
  ],
  [
    "10.25.0.0/16 \\\tnexthop via 192.0.2.1 dev d0 weight 1 onlink \\\tnexthop dev d1 weight 3 \\\tnexthop via inet6 2001:db8::7 dev d0 weight 1 ",
    '{"dst":"10.25.0.0/16","flags":[],"nexthops":[{"gateway":"192.0.2.1","dev":"d0","weight":1,"flags":["onlink"]},{"dev":"d1","weight":3,"flags":[]},{"via":{"family":"inet6","host":"2001:db8::7"},"dev":"d0","weight":1,"flags":[]}]}',
    "unicast 10.25.0.0/16 (via 192.0.2.1 dev d0 *1 onlink) (dev d1 *3) (via 2001:db8::7 dev d0 *1)",
  ],
  [
    "unicast 10.20.0.0/16 nhid 1 via 192.0.2.1 dev d0 proto boot scope global \n\tnh_info id 1 via 192.0.2.1 dev d0 scope link proto unspec ",
    '{"type":"unicast","dst":"10.20.0.0/16","nhid":1,"gateway":"192.0.2.1","dev":"d0","protocol":"boot","scope":"global","flags":[],"nh_info":{"id":1,"gateway":"192.0.2.1","dev":"d0","flags":[]}}',
    "unicast 10.20.0.0/16 protocol boot scope global nexthopId 1 (via 192.0.2.1 dev d0)",
  ],
  [
    "2001:db8:b::/48 from 2001:db8:1::/64 via fe80::1 dev d0 metric 1024 expires 999sec pref medium",
    '{"dst":"2001:db8:b::/48","from":"2001:db8:1::/64","gateway":"fe80::1","dev":"d0","metric":1024,"flags":[],"expires":999,"pref":"medium"}',
    "unicast 2001:db8:b::/48 from 2001:db8:1::/64 metric 1024 pref medium expiresSec 999 (via fe80::1 dev d0)",
  ],
  [
    "2001:db8:f::/48  encap seg6 mode encap segs 1 [ 2001:db8::5 ] dev d0 metric 1024 pref medium",
    '{"dst":"2001:db8:f::/48","encap":"seg6","mode":"encap","segs":["2001:db8::5"],"dev":"d0","metric":1024,"flags":[],"pref":"medium"}',
    "unicast 2001:db8:f::/48 metric 1024 pref medium (dev d0 [seg6 mode encap segs 1 [ 2001:db8::5 ]])",
  ],
  [
    "default dev tun6 metric 1024 pref medium",
    '{"dst":"default","dev":"tun6","metric":1024,"flags":[],"pref":"medium"}',
    "unicast ::/0 metric 1024 pref medium (dev tun6)",
  ],
  ["default dev tun0  scope link", "", "unicast 0.0.0.0/0 scope link (dev tun0)"],
  [
    "10/8 via 192.0.2.1 dev eth0  metric 2 onlink",
    "",
    "unicast 10.0.0.0/8 metric 2 (via 192.0.2.1 dev eth0 onlink)",
  ],
  ["172.16/12 dev eth0", "", "unicast 172.16.0.0/12 (dev eth0)"],
  ["nat 192.0.2.5 via 198.51.100.5 scope host", "", "nat 192.0.2.5/32 scope host (via 198.51.100.5)"],
  [
    "unreachable default dev lo  table unspec  proto kernel  metric 4294967295  error -101 hoplimit 255 pref medium",
    "",
    "unreachable ::/0 table unspec metric 4294967295 protocol kernel pref medium hoplimit=255 (dev lo) error -101",
  ],
];

describe("ip route: text and JSON mean the same", () => {
  test.each(REAL)("%s", (text, json, expected) => {
    for (const listing of [text, `${text}\r\n`, ...(json === "" ? [] : [`[${json}]`])]) {
      const { routes, diagnostics } = parse(listing);
      expect(diagnostics).toEqual([]);
      expect(routes.map(summary)).toEqual([expected]);
    }
  });

  test("a default route takes the family of the listing that it stands in", () => {
    const { routes } = parse("default dev tun0\n2001:db8::/64 dev eth0\n");
    expect(routes.map((route) => route.family)).toEqual(["ipv6", "ipv6"]);
    expect(parseIpRoute("default dev tun0", "routes", { family: "ipv6" }).routes[0]?.family).toBe("ipv6");
  });

  test("a route's span covers its nexthop lines", () => {
    const text =
      "10.0.0.0/8 dev a\n203.0.113.128/25 \n\tnexthop via 192.0.2.1 dev d0 weight 2 \n\tnexthop dev d1 weight 5 \nblackhole 10.9.0.0/16 \n";
    const { routes } = parse(text);
    expect(routes.length).toBe(3);
    expect(text.slice(routes[1]?.span.start, routes[1]?.span.end)).toBe(
      "203.0.113.128/25 \n\tnexthop via 192.0.2.1 dev d0 weight 2 \n\tnexthop dev d1 weight 5",
    );
  });
});

describe("ip route: what is wrong is said with its place", () => {
  test.each([
    ["a bad destination", "10.0.0.0/33 dev eth0", "error", "10.0.0.0/33"],
    ["no destination", "blackhole", "error", "blackhole"],
    ["a bad gateway", "10.0.0.0/8 via 192.0.2 dev eth0", "error", "192.0.2"],
    ["a gateway of the other family", "10.0.0.0/8 via 2001:db8::1", "error", "2001:db8::1"],
    ["a device missing", "10.0.0.0/8 dev", "error", "dev"],
    ["a bad metric", "10.0.0.0/8 dev eth0 metric many", "error", "many"],
    ["a nexthop without a route", "\tnexthop via 192.0.2.1 dev d0", "error", "nexthop"],
    ["bits beyond the length", "192.0.2.1/24 dev eth0", "warning", "192.0.2.1/24"],
    ["a newer tool's attribute", "10.0.0.0/8 dev eth0 quux 5 metric 3", "note", "quux 5"],
    [
      "JSON with a bad gateway",
      '[{"dst":"10.0.0.0/8","gateway":"192.0.2.x","dev":"eth0"}]',
      "error",
      '"192.0.2.x"',
    ],
    ["JSON of something else", "[1]", "error", "1"],
    ["JSON without an end", "[{", "error", ""],
  ])("%s", (_, text, severity, place) => {
    const { routes, diagnostics } = parse(text);
    expect(diagnostics.map((each) => [each.severity, text.slice(each.span.start, each.span.end)])).toEqual([
      [severity, place],
    ]);
    expect(routes.length).toBe(severity === "error" ? 0 : 1);
    if (severity === "note") expect(routes[0]).toMatchObject({ other: [place], metric: 3 });
  });
});

test("the listing of an old gateway with several uplinks has nothing wrong", () => {
  const text = [
    "default via 192.0.2.129 dev tap20 ",
    "default via 198.51.100.1 dev eth5  metric 2 ",
    "203.0.113.138 via 198.51.100.1 dev eth5 ",
    "10.11.64.0/26 dev br1  proto kernel  scope link  src 10.11.64.1 ",
    "10.11.64.11 via 10.11.64.11 dev br1  metric 2 onlink ",
    "",
  ].join("\n");
  const { routes, diagnostics } = parseIpRoute(text, "routes");
  expect(diagnostics).toEqual([]);
  expect(routes.length).toBe(5);
});
