import { expect, describe as group, test } from "vitest";
import { describe } from "./journey.ts";
import { parsePacketNotation } from "./packet-notation.ts";

/** The packet in words, or what is wrong and the text that is marked. */
function read(line: string): string {
  const request = parsePacketNotation(line);
  if ("message" in request)
    return `${request.message} [${line.slice(request.at, request.at + request.length)}] ${request.hint}`;
  const bytes = request.build("192.0.2.1");
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
    ["10.11.70.5 > 8.8.8.8 udp:53", "udp 10.11.70.5:40000 > 8.8.8.8:53, in ?, assumed nothing"],
    ["from 10.0.0.5 to 10.0.0.1", "tcp 10.0.0.5:40000 > 10.0.0.1:443 SYN, in ?, assumed TCP, port 443, SYN"],
    [
      "10.0.0.5 tcp/22",
      "tcp 10.0.0.5:40000 > 198.51.100.1:22 SYN, in ?, assumed the destination 198.51.100.1, somewhere on the internet, SYN",
    ],
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
    ["out udp > 9.9.9.9:53", "udp 192.0.2.1:40000 > 9.9.9.9:53, out, assumed nothing"],
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
    const bytes = request.build("") as Uint8Array;
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
    ["10.0.0.5 > 300.1.1.1", "[300.1.1.1]", "write a packet as"],
    ["10.0.0.5 > 8.8.8.8 udp:70000", "a port is at most 65535", "write a packet as"],
    ["10.0.0.5 > 2001:db8::1", "the two addresses are of different families", "write a packet as"],
    ["1.1.1.1 > 2.2.2.2 3.3.3.3", "there are more than two addresses", "write a packet as"],
    ["10.0.0.5 > 8.8.8.8 sctp", "ports of sctp cannot be written in one line", "write a packet as"],
    ["hex 4", '"hex" is not understood', "hexadecimal digits"],
    ["hex 45", "that is shorter than an IP header", "the whole IP packet"],
  ])("%s", (line, message, hint) => {
    expect(read(line)).toContain(message);
    expect(read(line)).toContain(hint);
  });
});
