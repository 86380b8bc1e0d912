import fc from "fast-check";
import { expect, test } from "vitest";
import { maskBits, parseIpv4, parseIpv6, prefixMask, printIpv4, printIpv6 } from "../../src/net/index.ts";

test("IPv4: reading what was printed gives the address back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffffffff }),
      (address) => parseIpv4(printIpv4(address)) === address,
    ),
  );
});

test("IPv6: reading what was printed gives the address back, however many groups are zero", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const address = groups.reduce((value, each) => (value << 16n) | BigInt(each), 0n);
      return parseIpv6(printIpv6(address)) === address;
    }),
  );
});

test("IPv6 is printed as inet_ntop does", () => {
  const table: readonly (readonly [string, string])[] = [
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
    ["2001:0:0:1:0:0:1:1", "2001::1:0:0:1:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::192.0.2.1", "::192.0.2.1"],
    ["FE80::A", "fe80::a"],
  ];
  for (const [text, printed] of table) expect(printIpv6(parseIpv6(text) as bigint)).toBe(printed);
});

test("a mask's length is found again, and a mask with holes has none", () => {
  for (let bits = 0; bits <= 32; bits++) expect(maskBits(prefixMask("ipv4", bits))).toBe(bits);
  for (let bits = 0; bits <= 128; bits++) expect(maskBits(prefixMask("ipv6", bits))).toBe(bits);
  expect(maskBits(0xff00ff00)).toBeUndefined();
  expect(maskBits(5n)).toBeUndefined();
});

test("texts that are no addresses are refused", () => {
  for (const text of ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "a.b.c.d", "1.2.3.4 "])
    expect(parseIpv4(text), text).toBeUndefined();
  for (const text of [
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "g::",
    "12345::",
    "::1%eth0",
    "::300.1.1.1",
    "1:2:3:4:5:6:7::8",
  ])
    expect(parseIpv6(text), text).toBeUndefined();
});
