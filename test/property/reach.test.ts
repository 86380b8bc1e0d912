/**
 * What `reach` says of all packets against what `sim` does with one: random rulesets with chains, goto, RETURN, negations,
 * masks, wildcards and marks, and random packets that sit at their edges. Each packet must end in the machine as the
 * diagram says; where the diagram allows more than one end, as one of them. A failure prints the rules and the packet.
 */
import { expect, test } from "vitest";
import { hasErrors, type Rng, seededRng } from "../../src/base/index.ts";
import { buildPacket } from "../../src/cases/index.ts";
import { type Family, parseAddress } from "../../src/net/index.ts";
import type { FieldName, FieldValue } from "../../src/pktset/index.ts";
import { Outcomes, rulesOnly, spaceFor, symbolicTable, TableVerdicts } from "../../src/reach/index.ts";
import { RunningTables } from "../../src/sim/tables.ts";
import { type Walk, walkTable } from "../../src/sim/traverse.ts";
import { parseRestore } from "../../src/syntax/index.ts";
import { type Backend, CT_INFO, type Machine, Skb } from "../../src/xt/index.ts";

const RULESETS = 300;
const PACKETS = 60;
const SEED = 20261125;

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)] as T;

const ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    "10.0.0.0",
    "10.0.0.1",
    "10.0.0.128",
    "10.0.1.0",
    "10.1.0.0",
    "192.0.2.7",
    "255.255.255.255",
    "0.0.0.0",
  ],
  ipv6: ["2001:db8::", "2001:db8::1", "2001:db8:0:1::", "2001:db8:1::ffff", "fe80::1", "::"],
};
const MASKS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["32", "24", "16", "8", "0", "255.0.255.0", "255.255.255.254"],
  ipv6: ["128", "64", "48", "32", "0", "ffff::ffff"],
};
const PORTS = [0, 1, 21, 22, 23, 79, 80, 443, 1023, 1024, 65535];
const DEVICES = ["eth0", "eth1", "eth10", "ppp0", "lo"];
const MARKS = [0, 1, 2, 3, 0x10, 0x11, 0x80000000, 0xffffffff];
const STATES = ["INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED"] as const;

const not = (rng: Rng): string => (rng.below(4) === 0 ? "! " : "");

function randomMatch(rng: Rng, family: Family, transport: boolean): string {
  const port = (): number => pick(rng, PORTS);
  const range = (): string => {
    const [low, high] = [port(), port()].sort((a, b) => a - b);
    return rng.below(2) === 0 ? `${low}` : `${low}:${high}`;
  };
  switch (rng.below(transport ? 9 : 6)) {
    case 0:
    case 1: {
      const mask = pick(rng, MASKS[family]);
      // `!` with a mask of no bits is refused.
      const invert = mask === "0" ? "" : not(rng);
      return `${invert}${pick(rng, ["-s", "-d"])} ${pick(rng, ADDRESSES[family])}/${mask}`;
    }
    case 2:
      return `${not(rng)}-i ${pick(rng, ["eth0", "eth+", "eth1+", "ppp+", "lo", "wlan0"])}`;
    case 3:
      return `-m mark ${not(rng)}--mark ${pick(rng, ["1", "0x10/0xf0", "2/3", "0x80000000/0x80000000", "1/2", "0/0xff"])}`;
    case 4:
      return `-m conntrack ${not(rng)}--ctstate ${pick(rng, ["NEW", "ESTABLISHED,RELATED", "INVALID", "UNTRACKED,NEW"])}`;
    case 5: {
      const [low, high] = [pick(rng, ADDRESSES[family]), pick(rng, ADDRESSES[family])].sort((a, b) =>
        BigInt(parseAddress(a, family) as FieldValue) < BigInt(parseAddress(b, family) as FieldValue)
          ? -1
          : 1,
      );
      return `-m iprange ${not(rng)}--${pick(rng, ["src", "dst"])}-range ${low}-${high}`;
    }
    case 6:
      return `${not(rng)}--dport ${range()}`;
    case 7:
      return `${not(rng)}--sport ${range()}`;
    default:
      return `-m multiport ${not(rng)}--${pick(rng, ["dports", "sports", "ports"])} ${port()},${port()}`;
  }
}

function randomRule(rng: Rng, family: Family, chains: readonly string[]): string {
  const protocol = pick(rng, ["", "", "-p tcp ", "-p udp ", "! -p tcp ", "-p 47 "]);
  const transport = protocol === "-p tcp " || protocol === "-p udp ";
  const words = new Map<string, string>();
  for (let count = rng.below(4); count > 0; count--) {
    const match = randomMatch(rng, family, transport);
    // One use of each option.
    words.set((/-{1,2}(m \w+|\w+)/.exec(match) as RegExpExecArray)[0], match);
  }
  const order = (text: string): number => (text.startsWith("-m") ? 1 : 0);
  const tests = [...words.values()].sort((a, b) => order(a) - order(b)).join(" ");
  const target = pick(rng, [
    "-j ACCEPT",
    "-j DROP",
    "-j ACCEPT",
    "-j DROP",
    "-j RETURN",
    "",
    `-j MARK --set-xmark ${pick(rng, ["0x1", "0x10/0xf0", "0x3/0x1", "0x0/0xffffffff"])}`,
    ...chains.flatMap((chain) => [`-j ${chain}`, `-g ${chain}`]),
  ]);
  return `${protocol}${tests} ${target}`.trim();
}

/** A chain calls only those behind it, so that none calls itself. */
function randomRuleset(rng: Rng, family: Family): string {
  const chains = ["A", "B", "C"];
  let text = `*mangle\n:FORWARD ${pick(rng, ["ACCEPT", "DROP"])} [0:0]\n${chains.map((chain) => `:${chain} - [0:0]\n`).join("")}`;
  for (const [at, chain] of ["FORWARD", ...chains].entries())
    for (let count = rng.below(7); count > 0; count--)
      text += `-A ${chain} ${randomRule(rng, family, chains.slice(at))}\n`;
  return `${text}COMMIT\n`;
}

interface Sample {
  readonly values: ReadonlyMap<FieldName, FieldValue>;
  readonly skb: Skb;
  readonly text: string;
}

function randomPacket(rng: Rng, family: Family, interfaceNumber: (name: string) => number): Sample {
  const src = pick(rng, ADDRESSES[family]);
  const dst = pick(rng, ADDRESSES[family]);
  const proto = pick(rng, ["tcp", "udp", "tcp", "gre"]);
  const [sport, dport] = [pick(rng, PORTS), pick(rng, PORTS)];
  const bytes = buildPacket({ src, dst, proto, sport, dport, flags: "S" } as never);
  if (typeof bytes === "string") throw new Error(bytes);
  const later = family === "ipv4" && rng.below(8) === 0;
  if (later) bytes[7] = 5;
  const skb = new Skb(family, bytes);
  skb.hook = "FORWARD";
  skb.inDevice = pick(rng, DEVICES);
  skb.mark = pick(rng, MARKS);
  const state = pick(rng, STATES);
  const info = { NEW: CT_INFO.NEW, ESTABLISHED: CT_INFO.ESTABLISHED, RELATED: CT_INFO.RELATED };
  if (state === "UNTRACKED") skb.ctInfo = CT_INFO.UNTRACKED;
  else if (state !== "INVALID") {
    skb.ctInfo = info[state];
    skb.ct = { status: 0 } as never;
  }
  const values = new Map<FieldName, FieldValue>([
    ["src", parseAddress(src, family) as FieldValue],
    ["dst", parseAddress(dst, family) as FieldValue],
    ["protocol", skb.protocol],
    ["sport", sport],
    ["dport", dport],
    ["fragment", later ? 1 : 0],
    ["in", interfaceNumber(skb.inDevice)],
    ["out", interfaceNumber("")],
    ["mark", skb.mark],
    ["ctstate", STATES.indexOf(state)],
    ["ctdir", 0],
    ["ctstatus", 0],
    ["tcpflags", 2],
  ]);
  return {
    values,
    skb,
    text: `${proto} ${src}:${sport} > ${dst}:${dport} in ${skb.inDevice} mark ${skb.mark} ${state}${later ? " later fragment" : ""}`,
  };
}

const WALK: Walk = {
  counted: () => {},
  policyCounted: () => {},
  decide: () => {
    throw new Error("a rule without unknowns asks what nobody knows");
  },
  looked: undefined,
};

for (const family of ["ipv4", "ipv6"] as const)
  for (const backend of ["legacy", "nft"] satisfies Backend[])
    test(`${RULESETS} ${family} rulesets on ${backend}, ${PACKETS} packets each: every packet ends as the proof says`, () => {
      const rng = seededRng(SEED);
      const ends = new Map<string, number>();
      let read = 0;
      for (let round = 0; round < RULESETS; round++) {
        const text = randomRuleset(rng, family);
        const { ruleset, diagnostics } = parseRestore({ source: "random", text, family });
        // Now and then a rule can match nothing, and is refused.
        if (hasErrors(diagnostics)) continue;
        read++;
        const symbolic = symbolicTable(ruleset.tables.get("mangle") as never, rulesOnly(family, backend));
        const space = spaceFor([symbolic], { family, interfaces: DEVICES });
        const outcomes = new Outcomes();
        const proof = new TableVerdicts(symbolic, space, outcomes).base("FORWARD");
        const running = new RunningTables(ruleset, { family, backend } as Machine);
        for (let count = 0; count < PACKETS; count++) {
          const {
            values,
            skb,
            text: said,
          } = randomPacket(rng, family, (name) => space.interfaces.numberOf(name));
          const tuple = space.order.flatMap(({ field }) => [
            ...space.split(field, values.get(field) as FieldValue),
          ]);
          const [proved, ...others] = outcomes.of(space.diagrams.evaluate(proof, tuple));
          const chain = running.chainAt("mangle", "FORWARD");
          const verdict = walkTable(chain as never, skb, WALK);
          expect(others).toEqual([]);
          expect(proved?.end, `${said}\n${text}`).toBe(verdict);
          const mark = (proved?.changes ?? []).reduce(
            (value, change) =>
              change.kind === "bits" ? ((value & ~change.clear) ^ change.flip) >>> 0 : value,
            values.get("mark") as number,
          );
          expect(mark, `${said}\n${text}`).toBe(skb.mark);
          ends.set(verdict, (ends.get(verdict) ?? 0) + 1);
        }
      }
      expect(read).toBeGreaterThan(0.9 * RULESETS);
      // Both ends are common, so that the comparison means something.
      expect(Math.min(ends.get("accept") ?? 0, ends.get("drop") ?? 0)).toBeGreaterThan(
        (RULESETS * PACKETS) / 10,
      );
    });
