import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { printAddress } from "../net/index.ts";
import { type ConntrackEntry, natManips, parseConntrack, type Tuple } from "./conntrack.ts";

/** One line for one entry: what the kernel would call the interesting part. */
function summary(entry: ConntrackEntry): string {
  const end = (address: Tuple["source"], port: number | undefined): string =>
    printAddress(address) + (port === undefined ? "" : `:${port}`);
  const tuple = (each: Tuple): string =>
    `${end(each.source, each.sourcePort)}>${end(each.destination, each.destinationPort)}`;
  const flags = `${entry.seenReply ? "" : " unreplied"}${entry.assured ? " assured" : ""}`;
  return `${entry.family} ${entry.protocol} ${entry.timeoutSec} ${entry.state ?? "-"} ${tuple(entry.original)} ${tuple(entry.reply)}${flags}`;
}

const parse = (text: string) => parseConntrack(text, "ct");

describe("conntrack: what conntrack-tools 1.4.7 and Linux 6.18 print", () => {
  const tuples = "src=192.0.2.1 dst=198.51.100.2 sport=1000 dport=80";
  const back = "src=198.51.100.2 dst=192.0.2.1 sport=80 dport=1000";
  const forth = "192.0.2.1:1000>198.51.100.2:80 198.51.100.2:80>192.0.2.1:1000";
  test.each([
    [
      "plain tcp",
      `tcp      6 99 ESTABLISHED ${tuples} ${back} [ASSURED] mark=5 use=1`,
      `ipv4 6 99 ESTABLISHED ${forth} assured`,
    ],
    [
      "extended, with counters",
      `ipv4     2 tcp      6 99 SYN_SENT ${tuples} packets=0 bytes=0 [UNREPLIED] ${back} packets=0 bytes=0 mark=0 delta-time=0 use=1`,
      `ipv4 6 99 SYN_SENT ${forth} unreplied`,
    ],
    [
      "udp has no state",
      `udp      17 29 ${tuples} [UNREPLIED] ${back} mark=0 use=1`,
      `ipv4 17 29 - ${forth} unreplied`,
    ],
    ["udplite", `udplite  136 29 ${tuples} ${back} use=1`, `ipv4 136 29 - ${forth}`],
    [
      "sctp",
      `sctp     132 29 ESTABLISHED ${tuples} [UNREPLIED] ${back} mark=0 use=1`,
      `ipv4 132 29 ESTABLISHED ${forth} unreplied`,
    ],
    [
      "dccp without ports",
      "dccp     33 29 src=192.0.2.1 dst=198.51.100.2 sport=0 dport=0 [UNREPLIED] src=198.51.100.2 dst=192.0.2.1 sport=0 dport=0 mark=0 use=1",
      "ipv4 33 29 - 192.0.2.1:0>198.51.100.2:0 198.51.100.2:0>192.0.2.1:0 unreplied",
    ],
    [
      "a protocol without a tracker",
      "unknown  2 29 src=192.0.2.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=192.0.2.1 mark=0 use=1",
      "ipv4 2 29 - 192.0.2.1>224.0.0.22 224.0.0.22>192.0.2.1 unreplied",
    ],
    [
      "an entry without a timeout",
      `tcp 6 TIME_WAIT ${tuples} ${back} use=1`,
      `ipv4 6 undefined TIME_WAIT ${forth}`,
    ],
    [
      "tcp over ipv6",
      "ipv6     10 tcp      6 431999 ESTABLISHED src=2001:db8::1 dst=2001:db8::2 sport=5 dport=6 src=2001:db8::2 dst=2001:db8::1 sport=6 dport=5 [ASSURED] mark=0 zone=0 use=2",
      "ipv6 6 431999 ESTABLISHED 2001:db8::1:5>2001:db8::2:6 2001:db8::2:6>2001:db8::1:5 assured",
    ],
  ])("%s", (_, text, expected) => {
    const { entries, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(entries.map(summary)).toEqual([expected]);
  });

  test("every attribute at the end of an entry is read", () => {
    const text = `tcp 6 9 ESTABLISHED ${tuples} packets=18446744073709551615 bytes=2 ${back} packets=3 bytes=4 [ASSURED] [HW_OFFLOAD] mark=7 secmark=2 secctx=system_u:object_r:x_t:s0 zone=3 delta-time=12 [start=Sun Nov 22 23:14:40 2026] labels=a,b helper=ftp use=1 id=1992984780`;
    const { entries, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(entries[0]).toMatchObject({
      original: { packets: 18446744073709551615n, bytes: 2n },
      reply: { packets: 3n, bytes: 4n },
      offload: "HW_OFFLOAD",
      mark: 7,
      secmark: 2,
      secctx: "system_u:object_r:x_t:s0",
      zone: 3,
      deltaTimeSec: 12,
      startedAt: "Sun Nov 22 23:14:40 2026",
      labels: ["a", "b"],
      helper: "ftp",
      use: 1,
      id: 1992984780,
      span: { start: 0, end: text.length },
    });
  });

  test("the id of an echo is the tuple's, the id at the end is the entry's", () => {
    const { entries } = parse(
      "icmp     1 29 src=192.0.2.1 dst=198.51.100.2 type=8 code=0 id=77 [UNREPLIED] src=198.51.100.2 dst=192.0.2.1 type=0 code=0 id=77 mark=0 use=1 id=887420028",
    );
    expect(entries[0]).toMatchObject({
      id: 887420028,
      original: { icmpType: 8, icmpCode: 0, icmpId: 77 },
      reply: { icmpType: 0, icmpId: 77 },
    });
  });

  test("/proc prints the timeouts of gre before the tuples", () => {
    const { entries, diagnostics } = parse(
      "ipv4     2 gre      47 27 timeout=30, stream_timeout=180 src=192.0.2.1 dst=198.51.100.2 srckey=0x5 dstkey=0x6 [UNREPLIED] src=198.51.100.2 dst=192.0.2.1 srckey=0x6 dstkey=0x5 mark=0 zone=0 use=2",
    );
    expect(diagnostics).toEqual([]);
    expect(entries[0]).toMatchObject({
      greTimeoutSec: 30,
      greStreamTimeoutSec: 180,
      original: { sourceKey: 5, destinationKey: 6 },
    });
  });

  test("a zone of one direction stands with its tuple", () => {
    const { entries } = parse(
      `tcp 6 99 ESTABLISHED ${tuples} zone-orig=3 [UNREPLIED] ${back} zone-reply=4 mark=0 use=1`,
    );
    expect(entries[0]).toMatchObject({ original: { zone: 3 }, reply: { zone: 4 } });
  });

  test.each([
    ["neither end", `tcp 6 9 ESTABLISHED ${tuples} ${back}`, { src: false, dst: false }],
    [
      "the source",
      `tcp 6 9 ESTABLISHED ${tuples} src=198.51.100.2 dst=203.0.113.1 sport=80 dport=1000`,
      { src: true, dst: false },
    ],
    [
      "the destination port",
      `tcp 6 9 ESTABLISHED ${tuples} src=198.51.100.2 dst=192.0.2.1 sport=8080 dport=1000`,
      { src: false, dst: true },
    ],
  ])("NAT changed %s", (_, text, expected) => {
    const [entry] = parse(text).entries;
    expect(entry && natManips(entry)).toEqual(expected);
  });

  test("the count that conntrack prints on stderr is compared", () => {
    const line = `udp 17 29 ${tuples} ${back} use=1\r\n`;
    expect(
      parse(`${line}${line}conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.\n`)
        .diagnostics,
    ).toEqual([]);
    const cut = parse(`${line}conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.\n`);
    expect(cut.diagnostics.map((each) => each.message)).toEqual([
      "conntrack showed 2 entries, but 1 stand above",
    ]);
  });
});

describe("conntrack: what is wrong is said with its place", () => {
  const good =
    "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 use=1";
  test.each([
    ["a broken address", good.replace("src=192.0.2.1 ", "src=192.0.2.300 "), "error", "src=192.0.2.300"],
    ["a port too large", good.replace("dport=2", "dport=65536"), "error", "dport=65536"],
    [
      "one tuple",
      "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2",
      "error",
      "udp 17 29 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2",
    ],
    ["no protocol number", "udp src=192.0.2.1", "error", "src=192.0.2.1"],
    ["an event", "    [NEW] udp 17 30 src=192.0.2.1", "error", "[NEW]"],
    [
      "two families",
      good.replaceAll("192.0.2.2", "2001:db8::2"),
      "error",
      good.replaceAll("192.0.2.2", "2001:db8::2"),
    ],
    ["a newer tool's attribute", `${good} quux=5`, "note", "quux=5"],
    ["a newer tool's status", `${good} [VERY NEW]`, "note", "[VERY NEW]"],
  ])("%s", (_, text, severity, place) => {
    const { entries, diagnostics } = parse(`${good}\n${text}`);
    expect(diagnostics.map((each) => each.severity)).toEqual([severity]);
    const span = diagnostics[0]?.span ?? { start: 0, end: 0 };
    expect(`${good}\n${text}`.slice(span.start, span.end)).toBe(place);
    expect(entries.length).toBe(severity === "error" ? 1 : 2);
    if (severity === "note") expect(entries[1]?.other).toEqual([place]);
  });
});

test("conntrack: a table of 100,000 entries is read whole", { timeout: 60_000 }, () => {
  const lines: string[] = [];
  for (let index = 0; index < 100_000; index++) {
    lines.push(
      `tcp      6 99 ESTABLISHED src=192.0.2.1 dst=198.51.100.2 sport=${index % 65536} dport=80 packets=${index} bytes=9 src=198.51.100.2 dst=192.0.2.1 sport=80 dport=${index % 65536} packets=0 bytes=0 [ASSURED] mark=0 use=1`,
    );
  }
  const text = lines.join("\n");
  const { entries, diagnostics } = parse(text);
  expect([entries.length, diagnostics.length]).toEqual([100_000, 0]);
});

test("conntrack: this file's own text throws nothing", () => {
  expect(parse(readFileSync(new URL(import.meta.url), "utf8")).entries).toEqual([]);
});
