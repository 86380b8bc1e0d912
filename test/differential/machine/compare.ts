/**
 * Field by field, what a packet did on the kernel and in the machine. Left out is only what the kernel draws by chance and
 * no rule has seen: where the machine, which draws zero in a comparison, has zero, the kernel may have any number.
 */
import type { CommandResult, PacketResult } from "../../../src/cases/index.ts";
import { findIpv6Header, fromHex, PROTOCOL } from "../../../src/net/index.ts";

type Result = PacketResult | CommandResult;
type Count = PacketResult["policies"][number] & { readonly index?: number };

/** @returns one line per difference. */
export function differences(kernel: Result, machine: Result): string[] {
  if ("cmd" in kernel || "cmd" in machine) {
    if ("cmd" in kernel && "cmd" in machine && (kernel.rc === 0) === (machine.rc === 0)) return [];
    return [`command: kernel ${JSON.stringify(kernel)} machine ${JSON.stringify(machine)}`];
  }
  const found: string[] = [];
  compareSets("rules", kernel.rules.map(countText), machine.rules.map(countText), found);
  compareSets("policies", kernel.policies.map(countText), machine.policies.map(countText), found);
  comparePackets("out", kernel.out, machine.out, found);
  comparePackets("local", kernel.local as Sent[], machine.local as Sent[], found);
  compareConnections(kernel.conntrack ?? [], machine.conntrack ?? [], found);
  if ((kernel.send_error === undefined) !== (machine.send_error === undefined))
    found.push(`send error: kernel ${kernel.send_error} machine ${machine.send_error}`);
  return found;
}

const countText = ({ family, table, chain, index, pkts, bytes }: Count): string =>
  `${family ?? "ipv4"} ${table} ${chain} ${index ?? "policy"}: ${pkts} packets ${bytes} bytes`;

/** Both as often as the other has it, in any order. */
function compareSets(
  what: string,
  kernel: readonly string[],
  machine: readonly string[],
  found: string[],
): void {
  const missing = without(kernel, machine);
  const extra = without(machine, kernel);
  if (missing.length > 0 || extra.length > 0)
    found.push(`${what}: kernel only [${missing.join("; ")}] machine only [${extra.join("; ")}]`);
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...lines];
  for (const line of others) {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

interface Sent {
  readonly iface?: string;
  readonly from?: string;
  readonly hex: string;
}

function comparePackets(
  what: string,
  kernel: readonly Sent[],
  machine: readonly Sent[],
  found: string[],
): void {
  const same =
    kernel.length === machine.length &&
    kernel.every((each, at) => {
      const other = machine[at] as Sent;
      // What a socket of IPv6 got begins with the transport header, which only the socket's protocol tells.
      const drawn = each.from === undefined ? drawnFields(other.hex) : quotedLabel(other.hex, 0);
      const same = sameButFor(drawn, each.hex, other.hex);
      return each.iface === other.iface && each.from === other.from && same;
    });
  if (!same) found.push(`${what}: kernel ${JSON.stringify(kernel)} machine ${JSON.stringify(machine)}`);
}

/** Places in hexadecimal digits, two a byte: a field, and the checksums that depend on it. */
type Drawn = readonly [field: Place, ...sums: readonly Place[]];
type Place = readonly [from: number, to: number];

/** Whether the packets are the same, where a drawn field that is zero in the machine's may be anything in the kernel's. */
function sameButFor(drawn: readonly Drawn[], kernel: string, machine: string): boolean {
  if (kernel === machine) return true;
  if (kernel.length !== machine.length) return false;
  const open = drawn
    .filter(([[from, to]]) => /^0+$/.test(machine.slice(from, to)))
    .flat()
    .sort((a, b) => a[0] - b[0]);
  let at = 0;
  for (const [from, to] of open) {
    if (from > at && kernel.slice(at, from) !== machine.slice(at, from)) return false;
    at = Math.max(at, to);
  }
  return kernel.slice(at) === machine.slice(at);
}

const TIMESTAMP_REPLY = 14;
/** ICMP errors, which may quote a packet of this host. */
const IPV4_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const SYN_ACK = 0x12;
const ECE = 0x40;

function drawnFields(hex: string): readonly Drawn[] {
  const byte = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  if (hex.startsWith("6")) {
    const bytes = fromHex(hex) ?? new Uint8Array(0);
    const fragment = findIpv6Header(bytes, 44);
    const label: Drawn = [[3, 8]];
    if (typeof fragment === "object") return [label, [[2 * fragment.offset + 8, 2 * fragment.offset + 16]]];
    return [label, ...(byte(12) === PROTOCOL.icmpv6 ? quotedLabel(hex, 80) : drawnOfTcp(hex, 80, byte(12)))];
  }
  const start = Number.parseInt(hex[1] ?? "5", 16) * 8;
  const drawn: Drawn[] = [
    [
      [8, 12],
      [20, 24],
    ],
  ];
  const protocol = byte(18);
  if (protocol === PROTOCOL.icmp && byte(start) === TIMESTAMP_REPLY)
    drawn.push([
      [start + 24, start + 40],
      [start + 4, start + 8],
    ]);
  // The quoted header's checksum makes up for its identification in the error's own.
  if (protocol === PROTOCOL.icmp && IPV4_ERRORS.has(byte(start)))
    drawn.push([
      [start + 24, start + 28],
      [start + 36, start + 40],
    ]);
  return [...drawn, ...drawnOfTcp(hex, start, protocol)];
}

/** The initial sequence number and the timestamp of a SYN/ACK of this host. */
function drawnOfTcp(hex: string, start: number, protocol: number): readonly Drawn[] {
  if (
    protocol !== PROTOCOL.tcp ||
    (Number.parseInt(hex.slice(start + 26, start + 28), 16) & ~ECE) !== SYN_ACK
  )
    return [];
  const sum: Place = [start + 32, start + 36];
  const stamp = hex.indexOf("080a", start + 40);
  return [[[start + 8, start + 16], sum], ...(stamp < 0 ? [] : [[[stamp + 4, stamp + 12], sum] as Drawn])];
}

/** Of an ICMPv6 error that starts at a digit: the flow label of a packet of this host that it quotes. */
const quotedLabel = (hex: string, at: number): readonly Drawn[] =>
  /^0[1-4]/.test(hex.slice(at))
    ? [
        [
          [at + 19, at + 24],
          [at + 4, at + 8],
        ],
      ]
    : [];

/** Timeouts count whole seconds, which end at another moment in a real run. */
const TIMEOUT_SLACK_SEC = 1;

function compareConnections(kernel: readonly string[], machine: readonly string[], found: string[]): void {
  const split = (line: string): [string, number] => {
    const parts = /^(\S+) (\d+) (.*)$/.exec(line);
    return [`${parts?.[1]} ${parts?.[3]}`, Number(parts?.[2])];
  };
  const theirs = kernel.map(split);
  const ours = machine.map(split);
  compareSets(
    "connections",
    theirs.map(([text]) => text),
    ours.map(([text]) => text),
    found,
  );
  for (const [text, timeout] of theirs) {
    const other = ours.find(([each]) => each === text)?.[1];
    if (other !== undefined && Math.abs(other - timeout) > TIMEOUT_SLACK_SEC)
      found.push(`timeout of ${text}: kernel ${timeout} machine ${other}`);
  }
}
