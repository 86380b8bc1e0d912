import { expect, test } from "vitest";
import { describeSet, InterfaceNames, PacketSpace } from "../pktset/index.ts";
import { readPacketWords } from "./packet-words.ts";

const space = new PacketSpace(
  "ipv4",
  [
    { field: "protocol", widths: [8] },
    { field: "in", widths: [16] },
    { field: "src", widths: [16, 8, 8] },
    { field: "dst", widths: [16, 8, 8] },
    { field: "dport", widths: [16] },
  ],
  new InterfaceNames(["eth0", "eth1"], []),
);

test.each([
  ["", "any packet"],
  ["from 10.0.0.7/8 to 192.0.2.1 tcp:443 in eth0", "tcp in eth0 src 10.0.0.0/8 dst 192.0.2.1 dport 443"],
  ["tcp/ssh", "tcp dport 22"],
  ["udp:1000-2000 to 0.0.0.0/0", "udp dport 1000-2000"],
  ["icmp", "icmp"],
  ["47 in eth1", "gre in eth1"],
])("%j is %s", (words, said) => {
  const asked = readPacketWords(words, "ipv4");
  if ("message" in asked) throw new Error(asked.message);
  expect(describeSet(space, space.set(asked.condition, "over")).boxes).toEqual([said]);
});

test.each([
  ["from", 'nothing stands behind "from"'],
  ["from 10.0.0.0/33", '"10.0.0.0/33" is not an IPv4 address or prefix'],
  ["from ::1", '"::1" is not an IPv4 address or prefix'],
  ["tcp udp", '"udp" says the protocol a second time'],
  ["tcp:70000", '"tcp:70000" is not understood'],
  ["tcp:9-8", '"tcp:9-8" is not understood'],
  ["somewhere", '"somewhere" is not understood'],
])("%j: %s", (words, message) => {
  expect(readPacketWords(words, "ipv4")).toMatchObject({ message });
});
