/**
 * Field by field, what a packet did on the kernel and in the machine. Left out is only what the kernel draws by chance
 * and no rule has seen: IP identification, flow label, initial sequence number and timestamps of its own packets.
 */
import type { CommandResult, PacketResult } from "../../../src/cases/index.ts";

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

function compareSets(
  what: string,
  kernel: readonly string[],
  machine: readonly string[],
  found: string[],
): void {
  const missing = kernel.filter((line) => !machine.includes(line));
  const extra = machine.filter((line) => !kernel.includes(line));
  if (missing.length > 0 || extra.length > 0)
    found.push(`${what}: kernel only [${missing.join("; ")}] machine only [${extra.join("; ")}]`);
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
      const whole = each.from === undefined;
      const same = whole
        ? masked(each.hex, other.hex)
        : withoutQuotedLabel(each.hex, 0) === withoutQuotedLabel(other.hex, 0);
      return each.iface === other.iface && each.from === other.from && same;
    });
  if (!same) found.push(`${what}: kernel ${JSON.stringify(kernel)} machine ${JSON.stringify(machine)}`);
}

const ICMP = "01";
const TCP = "06";

/** Whether two packets are the same but for what is drawn by chance; hexadecimal digits, two a byte. */
function masked(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  if (a.startsWith("6"))
    return b.startsWith("6") && withoutQuotedLabel(a, 80).slice(8) === withoutQuotedLabel(b, 80).slice(8);
  const header = Number.parseInt(a[1] ?? "5", 16) * 8;
  const chance: [number, number][] = [
    [8, 12],
    [20, 24],
  ];
  const protocol = a.slice(18, 20);
  // A timestamp reply tells the time of day.
  if (protocol === ICMP && a.slice(header, header + 2) === "0e")
    chance.push([header + 4, header + 8], [header + 24, header + 40]);
  // An error may quote a packet of this host, whose identification is drawn too.
  if (protocol === ICMP && ["03", "04", "05", "0b", "0c"].includes(a.slice(header, header + 2)))
    chance.push([header + 24, header + 28], [header + 36, header + 40]);
  const synAck = protocol === TCP && a.slice(header + 26, header + 28) === "12";
  if (synAck) chance.push([header + 8, header + 16], [header + 32, header + 36], [header + 40, a.length]);
  const without = (text: string): string =>
    [...text].map((digit, at) => (chance.some(([from, to]) => at >= from && at < to) ? "." : digit)).join("");
  return without(a) === without(b);
}

/** An ICMPv6 error that starts at a digit, less the flow label of a packet of this host that it quotes, and its checksum. */
function withoutQuotedLabel(hex: string, at: number): string {
  if (!/^0[1-4]/.test(hex.slice(at)) || (at > 0 && hex.slice(12, 14) !== "3a")) return hex;
  return `${hex.slice(0, at + 4)}....${hex.slice(at + 8, at + 18)}......${hex.slice(at + 24)}`;
}

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
