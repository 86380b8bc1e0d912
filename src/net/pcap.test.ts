import { expect, test } from "vitest";
import { block, ethernet, joined, pcap, words } from "../../test/support/capture.ts";
import { seededRng } from "../base/index.ts";
import { type CapturedPacket, type CaptureSummary, readCapture, toHex } from "./index.ts";

const IPV4 = Uint8Array.from([
  0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 0, 54, 0, 8, 0, 0,
]);
const IPV6 = Uint8Array.from([0x60, 0, 0, 0, 0, 0, 59, 64, ...new Array(32).fill(1)]);
const TIME = 1_700_000_000_250;
const both = [
  { packet: IPV4, timeMs: TIME },
  { packet: IPV6, timeMs: TIME + 1.5 },
];

interface Seen {
  readonly hex: string;
  readonly timeMs: number;
  readonly length: number;
  readonly name: string | undefined;
}

function read(file: Uint8Array, chunk = file.length): { seen: Seen[]; summary: CaptureSummary } {
  const seen: Seen[] = [];
  function* chunks(): Generator<Uint8Array> {
    for (let at = 0; at < file.length; at += chunk) yield file.slice(at, at + chunk);
  }
  const summary = readCapture(chunks(), (packet: CapturedPacket) =>
    seen.push({
      hex: toHex(packet.bytes.subarray(packet.start, packet.end)),
      timeMs: packet.timeMs,
      length: packet.length,
      name: packet.interfaceName,
    }),
  );
  return { seen, summary };
}

test.each([
  { littleEndian: true, nano: false },
  { littleEndian: false, nano: false },
  { littleEndian: true, nano: true },
  { littleEndian: false, nano: true },
])("reads pcap of either byte order and clock: %j", (options) => {
  const { seen, summary } = read(pcap(both, options));
  expect(summary).toEqual({ frames: 2, otherFrames: 0, cut: 0, fault: undefined });
  expect(seen.map(({ hex }) => hex)).toEqual([toHex(IPV4), toHex(IPV6)]);
  expect(seen[0]?.timeMs).toBeCloseTo(TIME, 3);
  expect(seen[1]?.timeMs).toBeCloseTo(TIME + 1.5, 3);
});

const cooked = (packet: Uint8Array): Uint8Array =>
  joined([
    Uint8Array.from([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0]),
    Uint8Array.from((packet[0] as number) >>> 4 === 6 ? [0x86, 0xdd] : [8, 0]),
    packet,
  ]);
const cooked2 = (packet: Uint8Array): Uint8Array =>
  joined([
    Uint8Array.from((packet[0] as number) >>> 4 === 6 ? [0x86, 0xdd] : [8, 0]),
    Uint8Array.from([0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0]),
    packet,
  ]);
const behind =
  (...header: number[]) =>
  (packet: Uint8Array): Uint8Array =>
    joined([Uint8Array.from(header), packet]);

test.each([
  ["Ethernet", 1, ethernet],
  ["a VLAN", 1, (packet: Uint8Array) => ethernet(packet, [7])],
  ["VLANs in VLANs", 1, (packet: Uint8Array) => ethernet(packet, [7, 8])],
  ["raw IP", 101, (packet: Uint8Array) => packet],
  ["raw IP as BSD numbers it", 12, (packet: Uint8Array) => packet],
  ["Linux cooked", 113, cooked],
  ["Linux cooked 2", 276, cooked2],
  ["BSD loopback", 0, behind(2, 0, 0, 0)],
  ["OpenBSD loopback", 108, behind(0, 0, 0, 2)],
  ["IPv4 or IPv6 alone", 229, (packet: Uint8Array) => packet],
] as const)("finds the packet behind %s", (_, linkType, frame) => {
  const { seen, summary } = read(pcap(both, { linkType, frame }));
  expect(summary.fault).toBeUndefined();
  expect(seen.map(({ hex }) => hex)).toEqual([toHex(IPV4), toHex(IPV6)]);
});

test("chunks may end anywhere", () => {
  const file = pcap(both);
  for (let chunk = 1; chunk < file.length; chunk++) expect(read(file, chunk)).toEqual(read(file));
});

test("padding is not part of the packet, and what was cut off is told", () => {
  const padded = pcap(both, { frame: (packet) => joined([ethernet(packet), new Uint8Array(18)]) });
  expect(read(padded).seen.map(({ hex }) => hex)).toEqual([toHex(IPV4), toHex(IPV6)]);
  const { seen, summary } = read(pcap(both, { snapLength: 14 + 24 }));
  expect(summary).toMatchObject({ frames: 2, cut: 1, otherFrames: 1 });
  expect(seen).toMatchObject([{ hex: toHex(IPV4.subarray(0, 24)), length: 28 }]);
});

test("a packet without a stated length is as long as its frame was, within reason", () => {
  const open = IPV4.slice();
  open.set([0, 0], 2);
  const file = pcap([{ packet: open, timeMs: TIME }]);
  expect(read(file).seen).toMatchObject([{ length: 28 }]);
  file.set(words([0xffffffff], true), 24 + 12);
  expect(read(file).seen[0]?.length).toBeLessThan(1 << 20);
});

test("other frames are counted and passed over", () => {
  const arp = ethernet(IPV4);
  arp.set([8, 6], 12);
  expect(read(pcap([both[0] as never], { frame: () => arp })).summary).toMatchObject({
    frames: 1,
    otherFrames: 1,
  });
});

const section = (littleEndian: boolean): Uint8Array =>
  block(0x0a0d0d0a, words([0x1a2b3c4d, littleEndian ? 1 : 0x10000, -1, -1], littleEndian), littleEndian);

function interfaceBlock(
  linkType: number,
  name: string,
  resolution: number,
  littleEndian: boolean,
): Uint8Array {
  const option = (code: number, value: Uint8Array): Uint8Array => {
    const padded = new Uint8Array((value.length + 3) & ~3);
    padded.set(value);
    const head = littleEndian ? [code, 0, value.length, 0] : [0, code, 0, value.length];
    return joined([Uint8Array.from(head), padded]);
  };
  const type = littleEndian ? [linkType & 255, linkType >>> 8] : [linkType >>> 8, linkType & 255];
  return block(
    1,
    joined([
      Uint8Array.from([...type, 0, 0]),
      words([0], littleEndian),
      option(2, new TextEncoder().encode(name)),
      option(9, Uint8Array.of(resolution)),
      option(0, new Uint8Array(0)),
    ]),
    littleEndian,
  );
}

function enhanced(at: number, units: number, frame: Uint8Array, littleEndian: boolean): Uint8Array {
  const head = [at, Math.floor(units / 2 ** 32), units % 2 ** 32, frame.length, frame.length];
  return block(6, joined([words(head, littleEndian), frame]), littleEndian);
}

test.each([true, false])("reads pcapng with several interfaces, little-endian: %j", (order) => {
  const file = joined([
    section(order),
    interfaceBlock(1, "eth0", 6, order),
    interfaceBlock(101, "tun0", 0x80 | 10, order),
    block(5, new Uint8Array(8), order),
    enhanced(0, TIME * 1000, ethernet(IPV4), order),
    enhanced(1, 1024 * 7, IPV6, order),
    block(3, joined([words([14 + 28], order), ethernet(IPV4)]), order),
    section(!order),
    interfaceBlock(101, "wg0", 9, !order),
    block(2, joined([words([0, 0, 5_000_000, 28, 28], !order), IPV4]), !order),
  ]);
  const { seen, summary } = read(file);
  expect(summary).toEqual({ frames: 4, otherFrames: 0, cut: 0, fault: undefined });
  expect(seen).toEqual([
    { hex: toHex(IPV4), timeMs: TIME, length: 28, name: "eth0" },
    { hex: toHex(IPV6), timeMs: 7000, length: 40, name: "tun0" },
    { hex: toHex(IPV4), timeMs: 7000, length: 28, name: "eth0" },
    { hex: toHex(IPV4), timeMs: expect.closeTo(5, 6), length: 28, name: "wg0" },
  ]);
  for (let chunk = 1; chunk < 90; chunk++) expect(read(file, chunk).seen).toEqual(seen);
});

test.each([
  ["an empty file", new Uint8Array(0), 0, "empty"],
  ["two bytes", Uint8Array.of(1, 2), 0, "too short"],
  ["a text", new TextEncoder().encode("*filter\n"), 0, "0x2a66696c"],
  ["half a file header", pcap([]).subarray(0, 20), 0, "cut short"],
  ["an unknown link", pcap([], { linkType: 105 }), 20, "link type 105"],
  ["half a packet header", pcap(both).subarray(0, 30), 24, "inside a packet's header"],
  ["half a packet", pcap(both).subarray(0, 50), 24, "inside a packet"],
  ["a huge packet", joined([pcap([]), words([0, 0, 0x7fffffff, 0], true)]), 32, "2147483647"],
  ["half a block", section(true).subarray(0, 20), 0, "inside a block"],
  ["a block of odd length", joined([section(true), words([1, 21, 0, 0, 0], true)]), 32, "21 bytes"],
  ["a packet of no interface", joined([section(true), enhanced(0, 1, IPV4, true)]), 36, "interface 0"],
] as const)("names the byte where %s breaks", (_, file, offset, message) => {
  const { fault } = read(file).summary;
  expect(fault?.offset).toBe(offset);
  expect(fault?.message).toContain(message);
});

test("no damaged file is more than a fault", () => {
  const rng = seededRng(4);
  const files = [
    pcap(both),
    pcap(both, { linkType: 113, frame: cooked, nano: true }),
    joined([section(true), interfaceBlock(1, "eth0", 6, true), enhanced(0, 99, ethernet(IPV4, [3]), true)]),
  ];
  for (let round = 0; round < 3000; round++) {
    const file = rng.pick(files).slice();
    for (let count = 1 + rng.below(4); count > 0; count--) file[rng.below(file.length)] = rng.below(256);
    const cut = rng.below(3) === 0 ? file.subarray(0, rng.below(file.length)) : file;
    const { seen, summary } = read(cut, 1 + rng.below(70));
    expect(seen.length).toBe(summary.frames - summary.otherFrames);
  }
});
