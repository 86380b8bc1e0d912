/** What a trace says of a small host: the answers of this host, what is assumed, what is not known, and why. */
import { expect, test } from "vitest";
import { type HostListing, readSnapshot, type SnapshotOptions } from "../snapshot/index.ts";
import { traceToJson } from "./json.ts";
import { parsePacketNotation } from "./packet-notation.ts";
import { printTrace } from "./print.ts";
import { type Trace, tracePacket } from "./trace.ts";

const ADDRESSES = `2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP
    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0
    inet6 2001:db8:a::1/64 scope global
3: eth1: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP
    inet 198.51.100.1/24 brd 198.51.100.255 scope global eth1
`;
const ROUTES = "default via 198.51.100.254 dev eth1\n10.9.0.0/16 via 198.51.100.9 dev eth1\n";
const SETTINGS = "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 0\n";

interface Asked extends SnapshotOptions {
  readonly rules?: string;
  readonly conntrack?: string;
}

const texts = (rules: string): Record<string, string> => ({
  rules: `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`,
  addresses: ADDRESSES,
  routes: ROUTES,
  sysctl: SETTINGS,
});

function ask(packet: string, { rules = "", conntrack, listen }: Asked = {}): Trace | string {
  const listings: HostListing[] = Object.entries(texts(rules)).map(([source, text]) => ({
    kind: source === "rules" ? "ruleset" : (source as HostListing["kind"]),
    source,
    text,
  }));
  if (conntrack !== undefined) listings.push({ kind: "conntrack", source: "conntrack", text: conntrack });
  const snapshot = readSnapshot(listings, "nft", { listen });
  expect(snapshot.diagnostics).toEqual([]);
  const request = parsePacketNotation(packet);
  if ("message" in request) throw new Error(request.message);
  return tracePacket(snapshot, request);
}

function told(packet: string, asked: Asked = {}): string {
  const trace = ask(packet, asked);
  if (typeof trace === "string") return trace;
  const text = printTrace(trace, { text: (source) => texts(asked.rules ?? "")[source] });
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  return text.replace(/\s+/g, " ");
}

const STATES =
  "-A OUTPUT -m conntrack --ctstate INVALID -j DROP\n-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n";

test("a SYN to this host: a program is taken to listen, and its answer is of the connection", () => {
  const text = told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules: STATES });
  expect(text).toContain("assumed: a program listens on the port and answers");
  expect(text).not.toContain("RST");
  expect(text).toContain("SYN,ACK leaves by eth0");
});

test("who listens can be said: then this host itself answers", () => {
  const none = told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules: STATES, listen: [] });
  expect(none).toContain("Reply tcp 192.0.2.1:22 > 192.0.2.7:40000 RST,ACK");
  expect(none).not.toContain("a program listens");
  const ssh = { protocol: "tcp", port: 22, family: "ipv4", address: undefined } as const;
  expect(told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules: STATES, listen: [ssh] })).toContain(
    "Reply tcp 192.0.2.1:22 > 192.0.2.7:40000 SYN,ACK",
  );
});

test("a ping is answered once", () => {
  const trace = ask("in eth0 ping 192.0.2.7 > 192.0.2.1") as Trace;
  expect(trace.journeys).toHaveLength(2);
  expect(trace.reply?.journeys).toEqual([trace.journeys[1]]);
});

test("a broadcast is answered from the device's address", () => {
  expect(told("in eth0 udp 192.0.2.7 > 255.255.255.255:67")).toContain("Reply udp 192.0.2.1:67 >");
});

test.each([
  ["-m statistic --mode random --probability 0.5 -j DROP", "out udp > 198.51.100.7:53", "-m statistic"],
  ["-m owner --uid-owner 33 -j DROP", "out udp > 198.51.100.7:53", "-m owner"],
  ["-m owner --gid-owner 33 -j DROP", "out udp > 198.51.100.7:53 uid=33", "-m owner"],
])("unknown, so both outcomes: OUTPUT %s", (rule, packet, asked) => {
  const text = told(packet, { rules: `-A OUTPUT ${rule}\n` });
  expect(text).toContain(`Unknown whether ${asked} of filter OUTPUT #1 holds`);
  expect(text).toContain("Otherwise");
  expect(text).toContain("dropped by filter OUTPUT #1");
});

test.each([
  ["-m socket -j DROP", "-m socket"],
  ["-m mac --mac-source 02:00:00:00:00:07 -j DROP", "-m mac"],
])("unknown, so both outcomes: INPUT %s", (rule, asked) => {
  const text = told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules: `-A INPUT ${rule}\n` });
  expect(text).toContain(`Unknown whether ${asked} of filter INPUT #1 holds`);
  expect(text).toContain("Otherwise");
});

test("what is said is known", () => {
  const rules = "-A OUTPUT -m owner --uid-owner 33 -j DROP\n";
  expect(told("out udp > 198.51.100.7:53 uid=33", { rules })).not.toContain("Unknown");
  const mac = "-A INPUT -m mac --mac-source 02:00:00:00:00:07 -j DROP\n";
  const packet = "in eth0 tcp 192.0.2.7 > 192.0.2.1:22 mac=02:00:00:00:00:07";
  expect(told(packet, { rules: mac })).toContain("dropped by filter INPUT #1");
});

test.each([
  ["-m limit --limit 1/s -j ACCEPT", "taken with a full bucket"],
  ["-m hashlimit --hashlimit-upto 1/s --hashlimit-name h -j ACCEPT", "taken with a full bucket"],
  ["-m recent --rcheck --name bad -j DROP", "the list bad taken to be empty"],
  ["-m quota --quota 1000 -j ACCEPT", "nothing of its quota used"],
  ["-m statistic --mode nth --every 2 --packet 0 -j DROP", "at the start of its count"],
  ["-m connlimit --connlimit-above 3 -j DROP", "the listed connections alone"],
])("what a match remembers is assumed: %s", (rule, assumed) => {
  expect(told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules: `-A INPUT ${rule}\n` })).toContain(assumed);
});

test("a match that was not asked assumes nothing", () => {
  const rules = "-A INPUT -p udp -m limit --limit 1/s -j ACCEPT\n-A INPUT -m recent --set --name a\n";
  expect(told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules })).not.toMatch(/bucket|the list/);
});

test("REJECT and NFQUEUE are no plain DROP", () => {
  const rules = "-A INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset\n-A INPUT -j NFQUEUE\n";
  const rejected = told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules });
  expect(rejected).toContain("= REJECT with tcp-reset");
  expect(rejected).toContain("Verdict rejected with tcp-reset by filter INPUT #1 (rules:5)");
  const queued = told("in eth0 tcp 192.0.2.7 > 192.0.2.1:80", { rules });
  expect(queued).toContain("Unknown what NFQUEUE of filter INPUT #2 does to the packet: taken to drop it");
  expect(queued).toContain("Otherwise if NFQUEUE of filter INPUT #2 lets it pass: delivered");
});

test("why a delivered packet passes", () => {
  expect(told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22")).toContain(
    "Why the policy of filter INPUT accepts it.",
  );
});

test("a way back by another device is flagged", () => {
  expect(told("in eth0 tcp 10.9.0.7 > 192.0.2.1:22")).toContain(
    "the packet came in by eth0, the reply leaves by eth1",
  );
  expect(told("in eth1 tcp 10.9.0.7 > 192.0.2.1:22")).not.toContain("Note");
});

test("of a match with several options those that fail are named", () => {
  const rules = "-A INPUT -p tcp -m tcp --sport 40000 --dport 443 -j DROP\n:X - [0:0]\n-A INPUT -j X\n";
  expect(told("in eth0 tcp 192.0.2.7 > 192.0.2.1:22", { rules })).toContain("but not -m tcp --dport 443");
});

test("a listed connection's windows and drawn ports are assumed", () => {
  const conntrack =
    "tcp      6 100 ESTABLISHED src=192.0.2.7 dst=192.0.2.1 sport=4000 dport=22 src=192.0.2.1 dst=192.0.2.7 sport=22 dport=4000 [ASSURED] mark=0 use=1\n";
  const packet = "in eth0 tcp 192.0.2.7:4000 > 192.0.2.1:22 ack seq=99999999";
  expect(told(packet, { rules: STATES, conntrack })).toContain("is in window");
  expect(told(packet.replace(":4000", ":4001"), { rules: STATES, conntrack })).not.toContain("is in window");
});

test("a family without rules is said to have none", () => {
  expect(told("in eth0 ping 2001:db8:a::7 > 2001:db8:a::1")).toContain("no IPv6 rules given");
});

test("what comes in by lo this host sends", () => {
  expect(told("in lo tcp 127.0.0.1 > 127.0.0.1:80")).toContain('write "out" in place of "in lo"');
});

test("a packet of this host that is longer than its link is cut, and told whole", () => {
  const text = told("out udp > 203.0.113.7:53 len=3000");
  expect(text).toContain("in 3 fragments, as udp 198.51.100.1:40000 > 203.0.113.7:53");
  expect(text).toContain("Reply udp 203.0.113.7:53 > 198.51.100.1:40000");
});

test("a host that does not forward is told from a missing route", () => {
  const snapshot = readSnapshot(
    [
      { kind: "ruleset", source: "rules", text: texts("").rules as string },
      { kind: "addresses", source: "addresses", text: ADDRESSES },
      { kind: "sysctl", source: "sysctl", text: "net.ipv4.ip_forward = 0\n" },
    ],
    "nft",
  );
  const request = parsePacketNotation("in eth0 tcp 192.0.2.7 > 198.51.100.7:80");
  if ("message" in request) throw new Error(request.message);
  expect(tracePacket(snapshot, request)).toMatchObject({
    outcome: { kind: "discarded", reason: "this host does not forward (net.ipv4.ip_forward is 0)" },
  });
});

test("JSON has addresses as text and rules with their place", () => {
  const rules = "-A FORWARD -d 203.0.113.7/32 -j REJECT\n";
  const trace = ask("in eth0 tcp 192.0.2.7 > 203.0.113.7:22", { rules }) as Trace;
  const json = traceToJson(trace, { text: (source) => texts(rules)[source] });
  const text = JSON.stringify(json);
  expect(text).not.toContain('"w0"');
  expect(text).toContain('"gateway":"198.51.100.254"');
  expect(json).toMatchObject({
    scenario: "B",
    outcome: {
      kind: "dropped",
      rejectWith: "icmp-port-unreachable",
      by: { index: 1, place: { file: "rules", line: 5, column: 1, text: rules.trim() } },
    },
    reply: null,
  });
  expect(
    traceToJson(ask("in eth0 tcp 127.0.0.9 > 203.0.113.7:22") as Trace, { text: () => "" }),
  ).toHaveProperty("scenario", null);
});
