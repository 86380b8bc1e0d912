/** Chance in a compared run: where the kernel drew a port, the machine takes the one that the kernel's answer shows. */
import { type CaseStep, type CommandResult, type PacketResult, stepBytes } from "../../../src/cases/index.ts";
import { fromHex, get16, PROTOCOL, toHex } from "../../../src/net/index.ts";
import type { Assumption, Choices } from "../../../src/sim/index.ts";

export class KernelChoices implements Choices {
  readonly assumptions: Assumption[] = [];
  #candidates: number[] = [];
  #known = new Set<string>();

  /** To be told before the machine takes the same step. What the packet had of its own was not drawn. */
  observe(result: PacketResult | CommandResult, step: CaseStep): void {
    if ("cmd" in result) return;
    const sent = stepBytes(step);
    const own = typeof sent === "string" ? [] : portsOf(toHex(sent));
    const lines = (result.conntrack ?? []).map((line) => line.replace(/ \d+ /, " "));
    const fresh = lines.filter((line) => !this.#known.has(line));
    this.#known = new Set(lines);
    const seen = [
      ...fresh.flatMap(drawnNumbers),
      ...[...result.out, ...(result.local as { readonly hex: string }[])].flatMap(({ hex }) => portsOf(hex)),
    ];
    this.#candidates = seen.filter((each) => !own.includes(each));
  }

  random(below: number, what: string, base = 0): number {
    if (what !== "port") return 0;
    const drawn = this.#candidates.find((each) => each >= base && each < base + below);
    return drawn === undefined ? 0 : drawn - base;
  }

  decide(what: string): boolean {
    throw new Error(`a random case asks what nobody knows: ${what}`);
  }
}

/** Ports and ids of a connection's reply that differ from those it began with, then all others. */
function drawnNumbers(line: string): number[] {
  const [original = "", reply = ""] = line.split(/(?= src=)/).filter((part) => part.includes("src="));
  const numbers = (text: string): number[] =>
    [...text.matchAll(/(?:dport|sport|id)=(\d+)/g)].map(([, digits]) => Number(digits));
  const before = numbers(original);
  return [...numbers(reply).filter((each) => !before.includes(each)), ...before];
}

function portsOf(hex: string): number[] {
  const bytes = fromHex(hex);
  if (bytes === undefined || bytes.length < 28) return [];
  const transport = (bytes[0] as number) >>> 4 === 4 ? ((bytes[0] as number) & 15) * 4 : 40;
  if (bytes.length < transport + 6) return [];
  const protocol = bytes[transport === 40 ? 6 : 9];
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) return [get16(bytes, transport + 4)];
  return [get16(bytes, transport), get16(bytes, transport + 2)];
}
