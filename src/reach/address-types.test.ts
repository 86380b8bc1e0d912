import { expect, test } from "vitest";
import type { Interface } from "../hoststate/index.ts";
import { type Family, parseAddress } from "../net/index.ts";
import { conditionHolds, InterfaceNames } from "../pktset/index.ts";
import type { AddressType } from "../xt/index.ts";
import { addressTypes } from "./address-types.ts";

const address = (family: Family, text: string, prefixBits: number, broadcast?: string) => ({
  family,
  address: parseAddress(text, family),
  prefixBits,
  ...(broadcast !== undefined && { broadcast: parseAddress(broadcast, family) }),
});

const INTERFACES = [
  { addresses: [address("ipv4", "127.0.0.1", 8), address("ipv6", "::1", 128)] },
  {
    addresses: [
      address("ipv4", "192.0.2.1", 24),
      address("ipv4", "10.0.0.5", 31),
      address("ipv4", "10.1.0.5", 24, "10.1.0.77"),
      address("ipv6", "2001:db8::1", 64),
    ],
  },
] as unknown as readonly Interface[];

function typesHold(text: string, types: readonly AddressType[]): boolean | undefined {
  const family = text.includes(":") ? "ipv6" : "ipv4";
  const value = parseAddress(text, family);
  if (value === undefined) throw new Error(text);
  const condition = addressTypes("dst", types, INTERFACES, family);
  return conditionHolds(condition, new Map([["dst", value]]), new InterfaceNames([], []));
}

// Facts of Linux 6.18: counters of addrtype rules on a host with these addresses; 0.0.0.0 by inet_addr_type() alone.
test.each([
  ["192.0.2.1", "LOCAL"],
  ["127.3.4.5", "LOCAL"],
  ["10.0.0.5", "LOCAL"],
  ["10.0.0.4", "UNICAST"],
  ["192.0.2.0", "UNICAST"],
  ["192.0.2.255", "BROADCAST"],
  ["10.1.0.77", "BROADCAST"],
  ["10.1.0.255", "BROADCAST"],
  ["127.255.255.255", "BROADCAST"],
  ["0.0.0.0", "BROADCAST"],
  ["0.1.2.3", "UNICAST"],
  ["255.255.255.255", "BROADCAST"],
  ["224.0.0.1", "MULTICAST"],
  ["198.51.100.1", "UNICAST"],
] as const)("%s is %s alone", (text, type) => {
  for (const each of ["LOCAL", "UNICAST", "BROADCAST", "MULTICAST"] as const)
    expect(typesHold(text, [each]), each).toBe(each === type);
});

test("of IPv6 types, those that the address tells must all hold, and one of the routed", () => {
  expect(typesHold("2001:db8::1", ["UNICAST"])).toBe(true);
  expect(typesHold("2001:db8::1", ["UNICAST", "LOCAL"])).toBe(true);
  expect(typesHold("2001:db8::2", ["UNICAST", "LOCAL"])).toBe(false);
  expect(typesHold("2001:db8::1", ["UNICAST", "MULTICAST"])).toBe(false);
  expect(typesHold("ff02::1", ["MULTICAST"])).toBe(true);
  expect(typesHold("ff02::1", ["UNICAST", "MULTICAST"])).toBe(false);
  expect(typesHold("::", ["UNSPEC"])).toBe(true);
  expect(typesHold("2001:db8::2", ["LOCAL", "UNREACHABLE"])).toBe(undefined);
});
