import { expect, describe as group, test } from "vitest";
import { describe } from "./journey.ts";
import { parsePacketNotation } from "./packet-notation.ts";

/** The packet in words, or what is wrong and the text that is marked. */
function read(line: string): string {
  const request = parsePacketNotation(line);
  if ("message" in request)
    return `${request.message} [${line.slice(request.at, request.at + request.length)}] ${request.hint}`;
  const bytes = request.build("192.0.2.1", "198.51.100.1");
  if (typeof bytes === "string") return bytes;
  const from = request.local ? "out" : `in ${request.device ?? "?"}`;
  return `${describe(bytes)}, ${from}, assumed ${request.assumed.join(", ") || "nothing"}`;
}

group("packets", () => {
  test.each([
    [
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 syn in eth0",
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 SYN, in eth0, assumed nothing",
    ],
    [
      "syn,ack in eth0 tcp 203.0.113.7:40000 > 192.0.2.10:443",
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 SYN,ACK, in eth0, assumed nothing",
    ],
    [
      "in=eth0 tcp 203.0.113.7:40000 > 192.0.2.10:443 syn",
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 SYN, in eth0, assumed nothing",
    ],
    [
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 syn in=eth0 ttl=9",
      "tcp 203.0.113.7:40000 > 192.0.2.10:443 SYN, in eth0, assumed nothing",
    ],
    ["10.11.70.5 > 8.8.8.8 udp:53", "udp 10.11.70.5:40000 > 8.8.8.8:53, in ?, assumed source port 40000"],
    [
      "from 10.0.0.5 to 10.0.0.1",
      "tcp 10.0.0.5:40000 > 10.0.0.1:443 SYN, in ?, assumed TCP, source port 40000, port 443, SYN",
    ],
    ["10.0.0.5 tcp/22", "tcp 10.0.0.5:40000 > 198.51.100.1:22 SYN, in ?, assumed source port 40000, SYN"],
    ["ping 10.0.0.5 > 10.0.0.1", "icmp 10.0.0.5 > 10.0.0.1 type 8 code 0, in ?, assumed nothing"],
    [
      "icmp 10.0.0.5 > 10.0.0.1 type=3 code=4",
      "icmp 10.0.0.5 > 10.0.0.1 type 3 code 4, in ?, assumed nothing",
    ],
    [
      "[2001:db8::2]:1000 > [2001:db8::1]:22 tcp syn",
      "tcp [2001:db8::2]:1000 > [2001:db8::1]:22 SYN, in ?, assumed nothing",
    ],
    [
      "ping 2001:db8::2 > 2001:db8::1",
      "ipv6-icmp 2001:db8::2 > 2001:db8::1 type 128 code 0, in ?, assumed nothing",
    ],
    ["out udp > 9.9.9.9:53", "udp 192.0.2.1:40000 > 9.9.9.9:53, out, assumed source port 40000"],
    ["sctp 10.0.0.5:5000 > 10.0.0.1:3868", "sctp 10.0.0.5:5000 > 10.0.0.1:3868, in ?, assumed an INIT"],
    ["10.0.0.5:1 > 8.8.8.8 udp:domain", "udp 10.0.0.5:1 > 8.8.8.8:53, in ?, assumed nothing"],
    ["tcp 10.0.0.5:1 > 8.8.8.8:https syn", "tcp 10.0.0.5:1 > 8.8.8.8:443 SYN, in ?, assumed nothing"],
    [
      "hex 45 00 00 1c 00 00 00 00 40 01 66 d9 0a 00 00 05 0a 00 00 01 08 00 f7 ff 00 00 00 00 in eth0",
      "icmp 10.0.0.5 > 10.0.0.1 type 8 code 0, in eth0, assumed nothing",
    ],
    [
      "0x4500001c00000000400166d90a0000050a0000010800f7ff00000000 in eth0",
      "icmp 10.0.0.5 > 10.0.0.1 type 8 code 0, in eth0, assumed nothing",
    ],
    ["gre 10.0.0.5 > 10.0.0.1", "gre 10.0.0.5 > 10.0.0.1, in ?, assumed nothing"],
    ["47 10.0.0.5 > 10.0.0.1", "gre 10.0.0.5 > 10.0.0.1, in ?, assumed nothing"],
  ])("%s", (line, packet) => {
    expect(read(line)).toBe(packet);
  });

  test("what numbers and words set", () => {
    const request = parsePacketNotation(
      '10.0.0.5:1 > 10.0.0.1:2 tcp ttl=7 dscp=46 id=9 df flags=PA seq=5 ack=6 win=7 payload="a b" uid=8',
    );
    if ("message" in request) throw new Error(request.message);
    const bytes = request.build("", "") as Uint8Array;
    expect(Buffer.from(bytes.subarray(0, 10)).toString("hex")).toBe("45b8002b000940000706");
    expect(Buffer.from(bytes.subarray(20, 36)).toString("hex")).toBe("00010002000000050000000650180007");
    expect(Buffer.from(bytes.subarray(40)).toString()).toBe("a b");
    expect(request.uid).toBe(8);
  });
});

group("mistakes, with their place and what to type instead", () => {
  test.each([
    ["", "there is no packet [] ", "write a packet as"],
    ["tcp", "where the packet comes from is missing [tcp]", "203.0.113.7 > 192.0.2.10"],
    ["10.0.0.5 > 8.8.8.8 sny", '"sny" is not understood [sny]', 'did you mean "syn"'],
    ["10.0.0.5 > 8.8.8.8 ttl=256", '"ttl=256" is not understood [ttl=256]', "from 0 to 255"],
    ["10.0.0.5 > 8.8.8.8 len=99999999999", "[len=99999999999]", "from 0 to 65000"],
    ["10.0.0.5 > 8.8.8.8 seq=-1", "[seq=-1]", "from 0 to 4294967295"],
    ["10.0.0.5 > 8.8.8.8 foo=1", "[foo=1]", "known are ttl="],
    ["10.0.0.5 > 8.8.8.8 in", '"in" is not understood [in]', "the device is missing"],
    ["10.0.0.5 > 8.8.8.8 mac=zz", "[mac=zz]", "02:00:00:00:00:01"],
    ["10.0.0.5 > 8.8.8.8 flags=XY", "[flags=XY]", "FSRPAUEC"],
    ["10.0.0.5 > 300.1.1.1", "[300.1.1.1]", "four numbers up to 255"],
    ["10.0.0.5 > 8.8.8.8 udp:70000", "[udp:70000]", "a port is at most 65535"],
    ["10.0.0.5 > 8.8.8.8:70000 udp", "[8.8.8.8:70000]", "a port is at most 65535"],
    ["10.0.0.5 > 2001:db8::1", "the two addresses are of different families", "write a packet as"],
    ["1.1.1.1 > 2.2.2.2 3.3.3.3", "there are more than two addresses", "write a packet as"],
    ["10.0.0.5 > 8.8.8.8 sctp len=5", "an SCTP packet is an INIT here", "write a packet as"],
    ["10.0.0.5 > 8.8.8.8 udplite", "ports of udplite cannot be written in one line", "write a packet as"],
    ["hex 4", "[4]", "do not make whole bytes"],
    ["hex zz", "[zz]", "hexadecimal digits"],
    ["hex in eth0", "[in]", "hexadecimal digits"],
    ["hex 45", "that is shorter than an IP header", "the whole IP packet"],
  ])("%s", (line, message, hint) => {
    expect(read(line)).toContain(message);
    expect(read(line)).toContain(hint);
  });
});

group("words that contradict each other are refused, at the one that is too much", () => {
  test.each([
    ["10.0.0.5 > 8.8.8.8 udp:80 syn", "[syn]", "is about tcp, and this is udp"],
    ["10.0.0.5 > 8.8.8.8 tcp:80 udp:53", "[udp:53]", '"tcp:80" said it already'],
    ["in eth0 10.0.0.5 > 8.8.8.8 out", "[out]", "contradict each other"],
    ["10.0.0.5 > 8.8.8.8 icmp:80", "[icmp:80]", "protocols with ports"],
    ["10.0.0.5 > 8.8.8.8:80 icmp", "[8.8.8.8:80]", "protocols with ports"],
    ["10.0.0.5 > 8.8.8.8 in eth0 uid=0", "[uid=0]", "that this host sends"],
    ["10.0.0.5 > 8.8.8.8 out mac=02:00:00:00:00:01", "[mac=02:00:00:00:00:01]", "that come in"],
    [`hex ${"45".repeat(20)} ttl=3`, "[ttl=3]", "the whole packet already"],
    [`10.0.0.5 hex ${"45".repeat(20)}`, "[hex]", "the whole packet already"],
    ['10.0.0.5 > 8.8.8.8 payload="abc', '[payload="abc]', "the closing quote is missing"],
    ["10.0.0.5 > 8.8.8.8 icmpv6", "ICMPv6 is not sent over IPv4", 'write "icmp"'],
    ["10.0.0.5 > 8.8.8.8 ping tcp", "[ping]", "is about icmp"],
    ["10.0.0.5 > 8.8.8.8:443 tcp:80", "two destination ports are given", "write a packet as"],
    ["10.0.0.5 > 8.8.8.8 ttl=1 ttl=2", "[ttl=2]", '"ttl=1" said it already'],
    ["10.0.0.5 > 8.8.8.8 tos=8 dscp=2", "[dscp=2]", "leave one of the two out"],
    ["in eth0 from 10.0.0.70 to", "[to]", "the destination is missing"],
    ["10.0.0.70 >", "where the packet goes to is missing", "add it"],
  ])("%s", (line, message, hint) => {
    expect(read(line)).toContain(message);
    expect(read(line)).toContain(hint);
  });
});

group("likely input gets its own advice", () => {
  test.each([
    ["fe80::1%eth0 > fe80::2", '"in eth0"'],
    ["10.0.0.0/24 > 8.8.8.8", "not a prefix: write 10.0.0.0"],
    ["10.0.0.5 > www.example.com", "names are not looked up"],
    ["10.0.0.5 > 8.8.8.8 tcp port 80", '"tcp:80"'],
    ["-p tcp -s 10.0.0.5", "how iptables writes a rule"],
    ["10.0.0.5 > 8.8.8.8 tcp:nosuch", "no port of tcp that is known"],
  ])("%s", (line, hint) => {
    expect(read(line)).toContain(hint);
  });

  test.each([
    [
      "FW DROP: IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=203.0.113.7 DST=192.0.2.1 LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID=1 DF PROTO=TCP SPT=4000 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0",
      "tcp 203.0.113.7:4000 > 192.0.2.1:22 syn in eth0 ttl=52 mac=02:00:00:00:00:02",
    ],
    [
      "IN=eth0 OUT=eth1 SRC=10.0.0.5 DST=8.8.8.8 LEN=29 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=9",
      "udp 10.0.0.5:4000 > 8.8.8.8:53 in eth0 ttl=64",
    ],
    [
      "IN= OUT=eth1 SRC=2001:db8::1 DST=2001:db8::2 LEN=64 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=ICMPv6 TYPE=128 CODE=0 ID=1 SEQ=1 UID=33 GID=33",
      "icmpv6 2001:db8::1 > 2001:db8::2 type=128 code=0 out uid=33 ttl=64",
    ],
  ])("a line of the kernel's log: %s", (line, notation) => {
    expect(read(line)).toContain(`read from a line of the kernel's log: ${notation}`);
  });
});
