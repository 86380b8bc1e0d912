import { describe, expect, test } from "vitest";
import { printIpSets } from "./ipset.ts";
import { parseIpSets } from "./ipset-restore.ts";

const parse = (text: string) => parseIpSets(text, "sets");

/** `ipset save` of ipset 7.17 on Linux 6.18; hash:mac and the other types this kernel lacks, by ipset(8). */
const SAVED = `create a hash:ip family inet hashsize 1024 maxelem 65536 timeout 600 counters comment skbinfo bucketsize 12
add a 192.0.2.4 timeout 599 packets 0 bytes 0
add a 192.0.2.1 timeout 4 packets 3 bytes 4 comment "x y" skbmark 0x1/0xff skbprio 1:2 skbqueue 3
add a 192.0.2.3 timeout 599 packets 0 bytes 0 comment "it's; # \\ back"
create b hash:ip family inet6 hashsize 1024 maxelem 65536 netmask 64 bucketsize 12
add b 2001:db8::
create c2 bitmap:ip range 192.0.0.0-192.0.255.255 netmask 24
add c2 192.0.2.0
create d bitmap:ip,mac range 192.0.2.0-192.0.2.255
add d 192.0.2.1,00:11:22:33:44:AA
add d 192.0.2.2
create e bitmap:port range 0-1024 timeout 0
add e 22 timeout 0
create f hash:net family inet hashsize 1024 maxelem 65536 counters bucketsize 12
add f 192.0.2.2/31 packets 0 bytes 0
add f 10.1.0.0/16 nomatch packets 0 bytes 0
create g hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12
add g 192.0.2.1,tcp:80
add g 192.0.2.1,255:0
add g 192.0.2.1,icmp:host-unreachable
add g 192.0.2.1,vrrp:0
create g6 hash:ip,port family inet6 hashsize 1024 maxelem 65536 bucketsize 12
add g6 2001:db8::1,ipv6-icmp:echo-request
create h hash:net,port family inet hashsize 1024 maxelem 65536 bucketsize 12
add h 192.0.2.0/24,tcp:90 nomatch
create i hash:ip,port,ip family inet hashsize 1024 maxelem 65536 bucketsize 12
add i 192.0.2.1,tcp:80,198.51.100.1
create j6 hash:ip,port,net family inet6 hashsize 1024 maxelem 65536 bucketsize 12
add j6 2001:db8::1,tcp:80,2001:db8:1::/48
create k hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12
add k 0.0.0.0/0,physdev:wi nomatch wildcard
add k 192.0.2.0/24,eth0
create m hash:ip family inet hashsize 1024 maxelem 65536 bitmask 255.255.0.255 bucketsize 12
add m 192.0.0.7
create o hash:net,port,net family inet hashsize 1024 maxelem 65536
add o 192.0.2.0/24,udp:53,198.51.100.0/25
create p hash:net,net family inet hashsize 1024 maxelem 65536
add p 192.0.2.0/24,198.51.100.0/25
create q hash:mac hashsize 1024 maxelem 65536
add q 00:00:5E:00:53:01
create r hash:ip,mac family inet hashsize 1024 maxelem 65536
add r 192.0.2.1,00:00:5E:00:53:01
create s hash:ip,mark family inet hashsize 1024 maxelem 65536 markmask 0x0000ff00
add s 192.0.2.1,0x00000063
create l list:set size 16 timeout 100 counters
add l f timeout 99 packets 0 bytes 0
add l a timeout 99 packets 0 bytes 0
`;

const base = "create y hash:ip comment timeout 7\n";
/** The elements and sets that a restore leaves, without the options that ipset fills in. */
const left = (text: string): string =>
  printIpSets(parse(text).sets)
    .replace(" family inet hashsize 1024 maxelem 65536", "")
    .trimEnd()
    .replaceAll("\n", "; ");

describe("ipset: `ipset save` is printed back, without initval", () => {
  test("every type of set", () => {
    const { sets, diagnostics } = parse(
      SAVED.replaceAll("bucketsize 12", "bucketsize 12 initval 0xe0f8a16e"),
    );
    expect(diagnostics).toEqual([]);
    expect(new Set(sets.map((set) => set.type)).size).toBe(16);
    expect(printIpSets(sets)).toBe(SAVED);
  });

  test("sets of sets are printed last, whatever the order", () => {
    expect(left("create l list:set\ncreate a hash:ip\nadd l a")).toBe(
      "create a hash:ip; create l list:set size 8; add l a",
    );
  });
});

describe("ipset: what restore accepts", () => {
  const head = "create y hash:ip timeout 7 comment";
  test.each([
    ['add y 192.0.2.1 comment "a b"', `${head}; add y 192.0.2.1 comment "a b"`],
    ['add y 192.0.2.1 comment abc"d e"', `${head}; add y 192.0.2.1 comment "abcd e"`],
    ['add y 192.0.2.1 comment "say \\"hi\\""', `${head}; add y 192.0.2.1 comment "say \\hi\\"`],
    ['add y 192.0.2.1 comment ""', `${head}; add y 192.0.2.1`],
    ["-exist add y 192.0.2.2", `${head}; add y 192.0.2.2`],
    ["add -! y 192.0.2.2", `${head}; add y 192.0.2.2`],
    ["-A y 192.0.2.2", `${head}; add y 192.0.2.2`],
    ["\tadd\ty\t192.0.2.2 timeout 0x10\r", `${head}; add y 192.0.2.2 timeout 16`],
    ["add y 10.0.0.0/30", `${head}; add y 10.0.0.0/30`],
    ["add y 192.0.2.9-192.0.2.1", `${head}; add y 192.0.2.1-192.0.2.9`],
    ["add y 192.0.2.8-192.0.2.15", `${head}; add y 192.0.2.8/29`],
    ["add y 192.0.2.1\ndel y 192.0.2.1", head],
    ["add y 192.0.2.1\nflush y", head],
    ["# hi\n\nCOMMIT\nx y", ""],
    [
      "create z hash:ip\nadd z 192.0.2.9\nrename y w\nswap w z",
      "create z hash:ip timeout 7 comment; create w hash:ip family inet hashsize 1024 maxelem 65536; add w 192.0.2.9",
    ],
    ["x\n-N z ipmap --network 192.0.2.0/24", "create z bitmap:ip range 192.0.2.0-192.0.2.255"],
    [
      "x\ncreate z bitmap:port from 1 to 50\nadd z ssh-telnet",
      "create z bitmap:port range 1-50; add z 22-23",
    ],
    [
      "x\ncreate z hash:ip,port family inet6\nadd z [2001:db8::1],80-90",
      "create z hash:ip,port family inet6 hashsize 1024 maxelem 65536; add z 2001:db8::1,tcp:80-90",
    ],
    [
      "x\ncreate z hash:ip,port\nadd z 192.0.2.1,icmp:3/1\nadd z 192.0.2.1,icmp:ping",
      "create z hash:ip,port; add z 192.0.2.1,icmp:host-unreachable; add z 192.0.2.1,icmp:echo-request",
    ],
    ['x\ncreate "sp ace" hash:ip', 'create "sp ace" hash:ip'],
  ])("%s", (text, expected) => {
    expect(parse(base + text).diagnostics).toEqual([]);
    expect(left(base + text)).toBe(expected);
  });
});

describe("ipset: what is wrong is said with its place", () => {
  test.each([
    ["add y 192.0.2.300", "error", "192.0.2.300"],
    ["add y host.example", "error", "host.example"],
    ["add y 192.0.2.1/33", "error", "192.0.2.1/33"],
    ["add y 2001:db8::1", "error", "2001:db8::1"],
    ["add y 192.0.2.2,192.0.2.3", "error", "192.0.2.2,192.0.2.3"],
    ["add y 192.0.2.1 nomatch", "error", "nomatch"],
    ["add y 192.0.2.1 packets 1", "error", "packets"],
    ["add y 192.0.2.1 timeout 2147484", "error", "2147484"],
    ["add y 192.0.2.1 timeout", "error", "timeout"],
    ['add y 192.0.2.1 comment "unclosed', "error", 'add y 192.0.2.1 comment "unclosed'],
    ["add y", "error", "add y"],
    ["add nosuch 192.0.2.1", "error", "nosuch"],
    ["del y 192.0.2.1", "error", "192.0.2.1"],
    ["swap y z8", "error", "z8"],
    ["create y hash:ip", "error", "y"],
    ["create z hash:ip,port,ip,ip", "error", "hash:ip,port,ip,ip"],
    ["create z hash:ip family inet7", "error", "inet7"],
    ["create z hash:ip hashsize", "error", "hashsize"],
    ["create z bitmap:port", "error", "create z bitmap:port"],
    [`create ${"0".repeat(32)} hash:ip`, "error", "0".repeat(32)],
    ["frobnicate y", "error", "frobnicate"],
    ["create z bitmap:port range 1-1000\nadd z 2000", "error", "2000"],
    ["create z bitmap:ip range 192.0.2.0/24\nadd z 192.0.2.250-192.0.3.5", "error", "192.0.2.250-192.0.3.5"],
    ["create z list:set\nadd z nosuch", "error", "nosuch"],
    ["create z list:set\ncreate z2 list:set\nadd z z2", "error", "z2"],
    ["create z list:set\nadd z y\ndestroy y", "error", "y"],
    ["create z list:set\nadd z y\ndestroy", "error", "destroy"],
    ["create z list:set\nadd z y\nrename y y2", "error", "rename y y2"],
    ["add y 192.0.2.1\nadd y 192.0.2.1", "warning", "add y 192.0.2.1"],
    ["add y 192.0.2.1 quux 5 timeout 3", "note", "quux 5"],
    ["create z hash:ip quux", "note", "quux"],
  ])("%s", (line, severity, place) => {
    const text = base + line;
    const { diagnostics } = parse(text);
    expect(diagnostics.map((each) => [each.severity, text.slice(each.span.start, each.span.end)])).toEqual([
      [severity, place],
    ]);
    expect(diagnostics[0]?.hint).toBeTruthy();
  });

  test("only the part that is wrong is pointed at", () => {
    const text = "create y hash:ip,port,net\nadd y 192.0.2.1,tcp:99999,198.51.100.0/24";
    const span = parse(text).diagnostics[0]?.span;
    expect(text.slice(span?.start, span?.end)).toBe("tcp:99999");
  });
});
