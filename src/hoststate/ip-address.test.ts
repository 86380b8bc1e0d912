import { describe, expect, test } from "vitest";
import { printAddress } from "../net/index.ts";
import { type InterfaceAddress, parseIpAddress } from "./ip-address.ts";

const parse = (text: string) => parseIpAddress(text, "addresses");

function summary({ span, address, prefixBits, other, flags, ...rest }: InterfaceAddress): string {
  const words = [`${printAddress(address)}/${prefixBits}`];
  for (const [name, value] of Object.entries(rest)) {
    if (name === "family") continue;
    words.push(
      `${name} ${typeof value === "bigint" || ["peer", "broadcast", "anycast"].includes(name) ? printAddress(value as number) : value}`,
    );
  }
  return [...words, ...flags, ...other].join(" ");
}

/** iproute2 6.1: the text, and the same interface's addr_info. */
const ADDRESSES: readonly (readonly [string, string, string])[] = [
  [
    "inet 127.0.0.1/8 scope host lo",
    '{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"}',
    "127.0.0.1/8 scope host label lo",
  ],
  [
    "inet 192.0.2.10/24 brd 192.0.2.255 scope global d0",
    '{"family":"inet","local":"192.0.2.10","prefixlen":24,"broadcast":"192.0.2.255","scope":"global","label":"d0"}',
    "192.0.2.10/24 broadcast 192.0.2.255 scope global label d0",
  ],
  [
    "inet 192.0.2.11/24 scope global secondary d0:web",
    '{"family":"inet","local":"192.0.2.11","prefixlen":24,"scope":"global","secondary":true,"label":"d0:web"}',
    "192.0.2.11/24 scope global label d0:web secondary",
  ],
  [
    "inet 198.51.100.1 peer 198.51.100.2/32 scope global d1",
    '{"family":"inet","local":"198.51.100.1","address":"198.51.100.2","prefixlen":32,"scope":"global","label":"d1"}',
    "198.51.100.1/32 peer 198.51.100.2 scope global label d1",
  ],
  [
    "inet 203.0.113.1/25 metric 300 scope link noprefixroute d1",
    '{"family":"inet","local":"203.0.113.1","prefixlen":25,"metric":300,"scope":"link","noprefixroute":true,"label":"d1"}',
    "203.0.113.1/25 metric 300 scope link label d1 noprefixroute",
  ],
  [
    "inet6 2001:db8::2/64 scope global nodad home ",
    '{"family":"inet6","local":"2001:db8::2","prefixlen":64,"scope":"global","nodad":true,"home":true}',
    "2001:db8::2/64 scope global nodad home",
  ],
  [
    "inet6 fe80::1/64 scope link proto kernel_ll ",
    '{"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link","protocol":"kernel_ll"}',
    "fe80::1/64 scope link protocol kernel_ll",
  ],
  [
    "inet6 2001:db8:1::1 peer 2001:db8:1::2/128 scope global deprecated tentative ",
    '{"family":"inet6","local":"2001:db8:1::1","address":"2001:db8:1::2","prefixlen":128,"scope":"global","deprecated":true,"tentative":true}',
    "2001:db8:1::1/128 peer 2001:db8:1::2 scope global deprecated tentative",
  ],
];

describe("ip address: text, one-line text and JSON mean the same", () => {
  test.each(ADDRESSES)("%s", (line, json, expected) => {
    const life = "valid_lft 1000sec preferred_lft 500sec";
    const info = json.replace("}", ',"valid_life_time":1000,"preferred_life_time":500}');
    const listings = [
      `3: d0: <UP> mtu 1500\n    ${line}\n       ${life}\n`,
      `3: d0: <UP> mtu 1500\r\n    ${line}\r\n       ${life}\r\n`,
      `3: d0    ${line}\\       ${life}\n`,
      `[{"ifindex":3,"ifname":"d0","flags":["UP"],"addr_info":[{},${info}]}]`,
    ];
    for (const listing of listings) {
      const { interfaces, diagnostics } = parse(listing);
      expect(diagnostics).toEqual([]);
      const found = interfaces.flatMap((each) => each.addresses);
      expect(found.map(({ validSec, preferredSec, ...rest }) => summary(rest))).toEqual([expected]);
      expect([found[0]?.validSec, found[0]?.preferredSec]).toEqual([1000, 500]);
    }
  });

  test("forever is no number of seconds", () => {
    const { interfaces } = parse(
      "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft 0sec\n",
    );
    expect(interfaces[0]?.addresses[0]).not.toHaveProperty("validSec");
    expect(interfaces[0]?.addresses[0]?.preferredSec).toBe(0);
  });

  test("an interface's own lines", () => {
    const text = `5: d1@d1p: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP mode DEFAULT group default qlen 1000
    link/ether 00:00:5e:00:53:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    alias uplink to: provider 1
    altname enp1s0-long-name
    RX:  bytes packets errors dropped  missed   mcast           
           482       5      0       0       0       0 
    TX:  bytes packets errors dropped carrier collsns           
           266       3      0       0       0       0 
13: tun0: <POINTOPOINT,MULTICAST,NOARP> mtu 1500 qdisc noop state DOWN group default qlen 500
    link/none 
`;
    const json = `[{"ifindex":5,"link":"d1p","ifname":"d1","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","master":"br0","operstate":"UP","linkmode":"DEFAULT","group":"default","txqlen":1000,"link_type":"ether","address":"00:00:5e:00:53:01","broadcast":"ff:ff:ff:ff:ff:ff","link_netnsid":0,"ifalias":"uplink to: provider 1","altnames":["enp1s0-long-name"],"addr_info":[]}]`;
    const expected = {
      index: 5,
      name: "d1",
      link: "d1p",
      flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
      mtu: 1500,
      qdisc: "noqueue",
      master: "br0",
      state: "UP",
      group: "default",
      queueLength: 1000,
      linkType: "ether",
      hardwareAddress: "00:00:5e:00:53:01",
      hardwareBroadcast: "ff:ff:ff:ff:ff:ff",
      alias: "uplink to: provider 1",
      altNames: ["enp1s0-long-name"],
    };
    expect(parse(text).diagnostics).toEqual([]);
    expect(parse(text).interfaces[0]).toMatchObject(expected);
    expect(parse(text).interfaces[1]).toMatchObject({ name: "tun0", linkType: "none" });
    expect(parse(json).diagnostics).toEqual([]);
    expect(parse(json).interfaces[0]).toMatchObject(expected);
  });
});

describe("ip address: what is wrong is said with its place", () => {
  const head = "3: d0: <UP> mtu 1500\n";
  test.each([
    ["an address before any interface", "    inet 192.0.2.1/24 scope global d0", "error", "inet"],
    ["a header without a colon", "3: d0 <UP> mtu 1500", "error", "d0"],
    ["a bad address", `${head}    inet 192.0.2.300/24 scope global d0`, "error", "192.0.2.300/24"],
    ["the wrong family", `${head}    inet6 192.0.2.3/24 scope global`, "error", "192.0.2.3/24"],
    [
      "a bad lifetime",
      `${head}    inet 192.0.2.3/24 scope global d0\n       valid_lft soon preferred_lft forever`,
      "error",
      "soon",
    ],
    ["a detail line of -d", `${head}    veth numtxqueues 2`, "note", "veth numtxqueues 2"],
    ["a newer tool's attribute", `${head}    inet 192.0.2.3/24 quux 5 scope global d0`, "note", "quux 5"],
    ["prose", `${head}end of listing`, "error", "end"],
  ])("%s", (_, text, severity, place) => {
    const { diagnostics } = parse(text);
    expect(diagnostics.map((each) => [each.severity, text.slice(each.span.start, each.span.end)])).toEqual([
      [severity, place],
    ]);
  });
});
