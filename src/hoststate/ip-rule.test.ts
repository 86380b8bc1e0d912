import { describe, expect, test } from "vitest";
import { printAddress } from "../net/index.ts";
import { parseIpRule, type RoutingRule } from "./ip-rule.ts";

const parse = (text: string) => parseIpRule(text, "rules");

/** The rule without its place, empty lists and defaults. */
function facts({ span, other, detached, invert, priority, ...rest }: RoutingRule): Record<string, unknown> {
  const all: Record<string, unknown> = { ...rest };
  for (const side of ["from", "to"] as const) {
    const prefix = rest[side];
    if (prefix !== undefined) all[side] = `${printAddress(prefix.address)}/${prefix.prefixBits}`;
  }
  if (invert) all.invert = true;
  if (detached.length > 0) all.detached = detached;
  if (other.length > 0) all.other = other;
  return all;
}

const lookup = (table: string) => ({ kind: "lookup", table });

/** Text and JSON of iproute2 6.1 for the same rules. */
const REAL: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ["0:\tfrom all lookup local", '{"priority":0,"src":"all","table":"local"}', { action: lookup("local") }],
  [
    "10:\tfrom 192.0.2.0/24 to 198.51.100.0/24 tos 0x10 fwmark 0x1/0xff iif d0 oif d1 lookup 100",
    '{"priority":10,"src":"192.0.2.0","srclen":24,"dst":"198.51.100.0","dstlen":24,"tos":"0x10","fwmark":"0x1","fwmask":"0xff","iif":"d0","oif":"d1","table":"100"}',
    {
      family: "ipv4",
      from: "192.0.2.0/24",
      to: "198.51.100.0/24",
      tos: 16,
      fwmark: { value: 1, mask: 255 },
      iif: "d0",
      oif: "d1",
      action: lookup("100"),
    },
  ],
  [
    "11:\tnot from 192.0.2.5 lookup 200",
    '{"priority":11,"not":null,"src":"192.0.2.5","table":"200"}',
    { family: "ipv4", invert: true, from: "192.0.2.5/32", action: lookup("200") },
  ],
  [
    "12:\tfrom all lookup [l3mdev-table]",
    '{"priority":12,"src":"all","l3mdev":null}',
    { action: { kind: "l3mdev" } },
  ],
  [
    "13:\tfrom all ipproto tcp sport 100-200 dport 443 lookup 100",
    '{"priority":13,"src":"all","ipproto":"tcp","sport_start":100,"sport_end":200,"dport":443,"table":"100"}',
    {
      ipProtocol: 6,
      sport: { first: 100, last: 200 },
      dport: { first: 443, last: 443 },
      action: lookup("100"),
    },
  ],
  [
    "14:\tfrom all ipproto ipproto-47 lookup 254",
    '{"priority":14,"src":"all","ipproto":"ipproto-47","table":"254"}',
    { ipProtocol: 47, action: lookup("main") },
  ],
  [
    "15:\tfrom all uidrange 1000-2000 lookup main suppress_prefixlength 0",
    '{"priority":15,"src":"all","uid_start":1000,"uid_end":2000,"table":"main","suppress_prefixlen":0}',
    { uidRange: { first: 1000, last: 2000 }, action: lookup("main"), suppressPrefixLength: 0 },
  ],
  [
    "17:\tfrom all lookup main suppress_ifgroup 7",
    '{"priority":17,"src":"all","table":"main","suppress_ifgroup":"7"}',
    { action: lookup("main"), suppressIfgroup: "7" },
  ],
  [
    "18:\tfrom all goto 32766",
    '{"priority":18,"src":"all","goto":32766}',
    { action: { kind: "goto", priority: 32766, resolved: true } },
  ],
  [
    "27:\tfrom all goto 30000 [unresolved]",
    '{"priority":27,"src":"all","goto":30000,"unresolved":null}',
    { action: { kind: "goto", priority: 30000, resolved: false } },
  ],
  ["19:\tfrom all nop", '{"priority":19,"src":"all","nop":null}', { action: { kind: "nop" } }],
  [
    "20:\tfrom 10.7.0.0/16 blackhole",
    '{"priority":20,"src":"10.7.0.0","srclen":16,"action":"blackhole"}',
    { family: "ipv4", from: "10.7.0.0/16", action: { kind: "blackhole" } },
  ],
  [
    "21:\tfrom 10.8.0.0/16 7",
    '{"priority":21,"src":"10.8.0.0","srclen":16,"action":"7"}',
    { family: "ipv4", from: "10.8.0.0/16", action: { kind: "unreachable" } },
  ],
  [
    "23:\tfrom all tun_id 5 lookup 100",
    '{"priority":23,"src":"all","tun_id":5,"table":"100"}',
    { tunnelId: 5, action: lookup("100") },
  ],
  [
    "24:\tfrom all fwmark 0x7 lookup 100 realms 3/4 proto static",
    '{"priority":24,"src":"all","fwmark":"0x7","table":"100","flow_from":"3","flow_to":"4","protocol":"static"}',
    {
      fwmark: { value: 7, mask: 0xffffffff },
      action: lookup("100"),
      realms: { from: "3", to: "4" },
      protocol: "static",
    },
  ],
  [
    "26:\tfrom all iif gone0 [detached] lookup 250",
    '{"priority":26,"src":"all","iif":"gone0","iif_detached":null,"table":"250"}',
    { iif: "gone0", detached: ["iif"], action: lookup("250") },
  ],
  [
    "29:\tfrom all fwmark 0/0xf lookup local",
    '{"priority":29,"src":"all","fwmark":"0","fwmask":"0xf","table":"local"}',
    { fwmark: { value: 0, mask: 15 }, action: lookup("local") },
  ],
  [
    "10:\tfrom 2001:db8::/32 to 2001:db8:1::/48 tos 0x04 lookup 100",
    '{"priority":10,"src":"2001:db8::","srclen":32,"dst":"2001:db8:1::","dstlen":48,"tos":"0x04","table":"100"}',
    { family: "ipv6", from: "2001:db8::/32", to: "2001:db8:1::/48", tos: 4, action: lookup("100") },
  ],
];

describe("ip rule: text and JSON mean the same", () => {
  test.each(REAL)("%s", (text, json, expected) => {
    for (const listing of [text, `${text}\r\n`, `[${json}]`]) {
      const { rules, diagnostics } = parse(listing);
      expect(diagnostics).toEqual([]);
      expect(rules.map(facts)).toEqual([expected]);
      expect(rules[0]?.priority).toBe(Number(text.split(":")[0]));
    }
  });

  test("a listing of the gateway with several uplinks", () => {
    const text =
      "0:\tfrom all lookup local \n32763:\tfrom all fwmark 0x3 lookup FREIFUNK \n32766:\tfrom all lookup main \n";
    const { rules, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(rules.map((rule) => rule.priority)).toEqual([0, 32763, 32766]);
    expect(text.slice(rules[1]?.span.start, rules[1]?.span.end)).toBe(
      "32763:\tfrom all fwmark 0x3 lookup FREIFUNK",
    );
  });
});

describe("ip rule: what is wrong is said with its place", () => {
  test.each([
    ["no priority", "from all lookup main", "error", "from"],
    ["no action", "5: from 192.0.2.1", "error", "5: from 192.0.2.1"],
    ["a value missing", "5: from all lookup", "error", "lookup"],
    ["a bad prefix", "5: from 192.0.2.0/33 lookup main", "error", "192.0.2.0/33"],
    ["two families", "5: from 192.0.2.1 to 2001:db8::1 lookup main", "error", "2001:db8::1"],
    ["a bad mark", "5: from all fwmark x lookup main", "error", "x"],
    ["a reversed range", "5: from all sport 9-8 lookup main", "error", "9-8"],
    ["a newer selector", "5: from all dscp CS6 lookup main", "note", "dscp CS6"],
    ["JSON with a bad value", '[{"priority":5,"src":"192.0.2.x","table":"main"}]', "error", '"192.0.2.x"'],
    ["JSON cut off", '[{"priority":5,"src":"all","table":"main"},{"pri', "error", ""],
  ])("%s", (_, text, severity, place) => {
    const { rules, diagnostics } = parse(text);
    expect(diagnostics.map((each) => [each.severity, text.slice(each.span.start, each.span.end)])).toEqual([
      [severity, place],
    ]);
    if (severity === "note") expect(rules[0]?.other).toEqual([place]);
  });

  test("the rules before a broken place in JSON are kept", () => {
    expect(parse('[{"priority":5,"src":"all","table":"main"},{"pri').rules.length).toBe(1);
  });

  test("a family asked for is held against the addresses", () => {
    const { diagnostics } = parseIpRule("5: from 192.0.2.1 lookup main", "rules", { family: "ipv6" });
    expect(diagnostics[0]?.message).toBe("`192.0.2.1` after `from` is not an IPv6 prefix");
  });
});
