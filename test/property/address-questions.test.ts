/**
 * `spoofing` and `services` against a walker of their own, which knows toy rules and one packet at a time: random
 * rulesets over a handful of addresses, where every packet can be tried. Rules with an unknown outcome go both ways.
 */
import { expect, test } from "vitest";
import { hasErrors, type Rng, seededRng } from "../../src/base/index.ts";
import { type Family, parseAddress, printAddress } from "../../src/net/index.ts";
import { complement, type FieldValue, fieldMax, normalised, type Ranges } from "../../src/pktset/index.ts";
import { lockout, services, spoofing } from "../../src/query/index.ts";
import { rulesOnly } from "../../src/reach/index.ts";
import type { Table } from "../../src/ruleset/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";

const RULESETS = 250;
const SEED = 20261126;

interface Toy {
  readonly src?: { readonly text: string; readonly points: ReadonlySet<number>; readonly invert: boolean };
  readonly dst?: { readonly text: string; readonly points: ReadonlySet<number>; readonly invert: boolean };
  readonly device?: { readonly name: string; readonly invert: boolean };
  readonly port?: number;
  readonly mark?: number;
  readonly unknown: boolean;
  readonly target: string;
  readonly chain?: string;
  /** What MARK sets, or the point that DNAT sends to. */
  readonly value?: number;
}

/** Points 0 to 7 are neighbours, 8 is far away. */
interface Packet {
  readonly src: number;
  readonly dst: number;
  readonly device: string;
  readonly port: number;
  readonly mark: number;
  /** DNAT has changed the destination. */
  readonly sent?: boolean;
}

type End = "accept" | "drop" | "next" | "return";
interface Result {
  readonly end: End;
  readonly packet: Packet;
}

type Chains = ReadonlyMap<string, { readonly policy?: "ACCEPT" | "DROP"; readonly rules: readonly Toy[] }>;

const POINTS = [0, 1, 2, 3, 4, 5, 6, 7, 8];
/** One of each kind that rules can tell apart. */
const DEVICES = ["eth0", "eth1", "eth5", "ppp7", "wlan0"];
const PORTS = [22, 80];
/** One that no rule names. */
const TRIED_PORTS = [...PORTS, 9];
const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)] as T;

const address = (family: Family, point: number): string =>
  family === "ipv4"
    ? point === 8
      ? "198.51.100.1"
      : `10.0.0.${point}`
    : point === 8
      ? "2001:db8:ffff::1"
      : `2001:db8::${point}`;

function prefix(rng: Rng, family: Family): NonNullable<Toy["src"]> {
  const bits = family === "ipv4" ? 32 : 128;
  const free = rng.below(4);
  const first = (rng.below(8) >> free) << free;
  const invert = rng.below(4) === 0;
  // Once in a while a mask with a hole: of bits 0 and 2 only the last.
  if (rng.below(8) === 0 && family === "ipv4") {
    const points = new Set([0, 1, 2, 3, 4, 5, 6, 7].filter((point) => (point & 5) === 1));
    return { text: "10.0.0.1/255.255.255.253", points, invert };
  }
  const points = new Set(Array.from({ length: 2 ** free }, (_, at) => first + at));
  return { text: `${address(family, first)}/${bits - free}`, points, invert };
}

function toyRule(rng: Rng, family: Family, targets: readonly string[], chains: readonly string[]): Toy {
  const target = pick(rng, [...targets, ...(chains.length === 0 ? [] : ["jump", "goto"])]);
  return {
    ...(rng.below(2) === 0 && { src: prefix(rng, family) }),
    ...(rng.below(3) === 0 && { dst: prefix(rng, family) }),
    ...(rng.below(3) === 0 && {
      device: { name: pick(rng, ["eth0", "eth1", "eth+", "ppp+"]), invert: rng.below(3) === 0 },
    }),
    ...(rng.below(4) === 0 && { port: pick(rng, PORTS) }),
    unknown: rng.below(8) === 0,
    target,
    ...((target === "jump" || target === "goto") && { chain: pick(rng, chains) }),
    ...(target === "MARK" && { value: 1 + rng.below(2) }),
    ...(target === "DNAT" && { value: rng.below(8), port: 22 }),
  };
}

function text(rule: Toy, family: Family): string {
  const words: string[] = [];
  const side = (option: string, test: Toy["src"]): void => {
    if (test !== undefined) words.push(test.invert ? "!" : "", option, test.text);
  };
  side("-s", rule.src);
  side("-d", rule.dst);
  if (rule.device !== undefined) words.push(rule.device.invert ? "!" : "", "-i", rule.device.name);
  if (rule.port !== undefined) words.push("-p tcp -m tcp --dport", `${rule.port}`);
  if (rule.mark !== undefined) words.push("-m mark --mark", `${rule.mark}`);
  if (rule.unknown) words.push("-m limit --limit 5/sec");
  switch (rule.target) {
    case "jump":
    case "goto":
      words.push(rule.target === "jump" ? "-j" : "-g", rule.chain as string);
      break;
    case "MARK":
      words.push("-j MARK --set-mark", `${rule.value}`);
      break;
    case "DNAT":
      words.push("-j DNAT --to-destination", address(family, rule.value as number));
      break;
    default:
      words.push("-j", rule.target);
  }
  return words.filter((word) => word !== "").join(" ");
}

const tableText = (name: string, chains: Chains, family: Family): string =>
  [
    `*${name}`,
    ...[...chains].map(([chain, { policy }]) => `:${chain} ${policy ?? "-"} [0:0]`),
    ...[...chains].flatMap(([chain, { rules }]) => rules.map((rule) => `-A ${chain} ${text(rule, family)}`)),
    "COMMIT\n",
  ].join("\n");

function matches(rule: Toy, packet: Packet): boolean {
  const { src, dst, device, port, mark } = rule;
  if (src !== undefined && src.points.has(packet.src) === src.invert) return false;
  if (dst !== undefined && dst.points.has(packet.dst) === dst.invert) return false;
  if (device !== undefined) {
    const wild = device.name.endsWith("+");
    const same = wild ? packet.device.startsWith(device.name.slice(0, 3)) : packet.device === device.name;
    if (same === device.invert) return false;
  }
  return (port === undefined || port === packet.port) && (mark === undefined || mark === packet.mark);
}

/** Everything that may become of a packet. */
function walk(chains: Chains, name: string, packet: Packet): readonly Result[] {
  const { rules, policy } = chains.get(name) as { policy?: "ACCEPT" | "DROP"; rules: readonly Toy[] };
  const from = (at: number, now: Packet): readonly Result[] => {
    const rule = rules[at];
    if (rule === undefined) return [{ end: "next", packet: now }];
    if (!matches(rule, now)) return from(at + 1, now);
    const taken = (): readonly Result[] => {
      switch (rule.target) {
        case "ACCEPT":
          return [{ end: "accept", packet: now }];
        case "DROP":
          return [{ end: "drop", packet: now }];
        case "RETURN":
          return [{ end: "next", packet: now }];
        case "MARK":
          return from(at + 1, { ...now, mark: rule.value as number });
        case "DNAT":
          return [{ end: "accept", packet: { ...now, dst: rule.value as number, sent: true } }];
        default:
          return walk(chains, rule.chain as string, now).flatMap((result) =>
            result.end === "next" && rule.target === "jump" ? from(at + 1, result.packet) : [result],
          );
      }
    };
    return rule.unknown ? [...taken(), ...from(at + 1, now)] : taken();
  };
  return from(0, packet).map((result) =>
    result.end === "next" && policy !== undefined
      ? { ...result, end: policy === "ACCEPT" ? "accept" : "drop" }
      : result,
  );
}

function filterTable(rng: Rng, family: Family, marks: boolean, hook = "FORWARD"): Chains {
  const names = [hook, "A", "B"];
  return new Map(
    names.map((name, at) => [
      name,
      {
        ...(at === 0 && { policy: pick(rng, ["ACCEPT", "DROP", "DROP"] as const) }),
        rules: Array.from({ length: rng.below(6) }, (): Toy => {
          const targets = ["ACCEPT", "DROP", "DROP", "RETURN"];
          const rule = toyRule(rng, family, targets, names.slice(at + 1));
          return marks && rng.below(4) === 0 ? { ...rule, mark: rng.below(3) } : rule;
        }),
      },
    ]),
  );
}

const single = (rng: Rng, family: Family, targets: readonly string[], chain: string): Chains =>
  new Map([
    [
      chain,
      {
        policy: "ACCEPT" as const,
        rules: Array.from({ length: rng.below(4) }, () => toyRule(rng, family, targets, [])),
      },
    ],
  ]);

/** The chains before filter, in order. */
const earlierTables = (rng: Rng, family: Family): readonly (readonly [string, string, Chains])[] => [
  ["raw", "PREROUTING", single(rng, family, ["DROP", "ACCEPT"], "PREROUTING")],
  ["mangle", "PREROUTING", single(rng, family, ["DROP", "MARK", "MARK"], "PREROUTING")],
  ["nat", "PREROUTING", single(rng, family, ["DNAT", "ACCEPT"], "PREROUTING")],
];

const point = (family: Family, at: number): FieldValue =>
  parseAddress(address(family, at), family) as FieldValue;

/** The addresses that points stand for: of point 8, all that are not neighbours. */
function rangesOf(family: Family, points: readonly number[]): Ranges {
  const near = normalised(points.filter((at) => at < 8).map((at) => [point(family, at), point(family, at)]));
  if (!points.includes(8)) return near;
  const max = fieldMax("src", family);
  const missing = normalised(
    POINTS.filter((at) => at < 8 && !points.includes(at)).map((at) => [point(family, at), point(family, at)]),
  );
  return complement(missing, max);
}

for (const family of ["ipv4", "ipv6"] as const)
  test(`spoofing, ${RULESETS} ${family} rulesets: safe is never said of an interface that lets a foreign source in`, () => {
    const rng = seededRng(SEED);
    const seen = { safe: 0, exact: 0, open: 0 };
    for (let round = 0; round < RULESETS; round++) {
      const whole = round % 2 === 0;
      const filter = filterTable(rng, family, whole);
      const stages = whole ? earlierTables(rng, family) : [];
      const source =
        stages.map(([table, , chains]) => tableText(table, chains, family)).join("") +
        tableText("filter", filter, family);
      const { ruleset, diagnostics } = parseRestore({ source: "random", text: source, family });
      if (hasErrors(diagnostics)) throw new Error(`${JSON.stringify(diagnostics[0])}\n${source}`);
      /** What may become of a packet before it enters FORWARD. */
      const arrivals = (packet: Packet): readonly Result[] =>
        stages.reduce<readonly Result[]>(
          (results, [, chain, chains]) =>
            results.flatMap((result) =>
              result.end === "drop" ? [result] : walk(chains, chain, result.packet),
            ),
          [{ end: "accept", packet }],
        );
      const ends = (packet: Packet): readonly Result[] =>
        arrivals(packet).flatMap((result) =>
          result.end === "drop" ? [result] : walk(filter, "FORWARD", result.packet),
        );
      const own = new Map(
        ["eth0", "ppp+"].map((name) => [name, POINTS.filter(() => rng.below(3) === 0)] as const),
      );
      const answer = spoofing({
        ruleset,
        context: rulesOnly(family, "nft"),
        table: ruleset.tables.get("filter") as Table,
        chain: "FORWARD",
        behind: new Map([...own].map(([name, points]) => [name, rangesOf(family, points)])),
        state: "new",
      });
      for (const said of answer.interfaces) {
        const points = own.get(said.interface) as readonly number[];
        const device = said.interface === "eth0" ? "eth0" : "ppp7";
        const packets = POINTS.filter((each) => !points.includes(each)).flatMap((src) =>
          POINTS.flatMap((dst) => TRIED_PORTS.map((port): Packet => ({ src, dst, device, port, mark: 0 }))),
        );
        const may = packets.filter((packet) => ends(packet).some(({ end }) => end === "accept"));
        const told = `${said.interface} ${points}\n${source}`;
        if (said.safe) {
          seen.safe++;
          expect(may, told).toEqual([]);
          expect(said.exact).toBe(true);
          continue;
        }
        if (said.exact) {
          seen.exact++;
          const { witness } = said;
          const isAt = (field: "src" | "dst", at: number): boolean => {
            const value = witness?.get(field);
            if (value === undefined) return true;
            const near = POINTS.findIndex((each) => point(family, each) === value);
            return (near < 0 ? 8 : near) === at;
          };
          const isWitness = ({ src, dst, port, mark }: Packet): boolean => {
            const dport = witness?.get("dport");
            return (
              isAt("src", src) &&
              isAt("dst", dst) &&
              (dport === undefined || port === (PORTS.includes(Number(dport)) ? dport : 9)) &&
              mark === (witness?.get("mark") ?? mark)
            );
          };
          const shown = packets.filter((packet) =>
            arrivals(packet).every((result) => result.end === "accept" && isWitness(result.packet)),
          );
          expect(shown.length, told).toBeGreaterThan(0);
          for (const packet of shown)
            expect(new Set(ends(packet).map(({ end }) => end)), told).toEqual(new Set(["accept"]));
        } else seen.open++;
        // Where nothing is left open but unknown tests, not safe means that some packet may pass.
        if (!whole) expect(may.length, told).toBeGreaterThan(0);
      }
    }
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(RULESETS / 20);
  });

for (const family of ["ipv4", "ipv6"] as const)
  test(`services, ${RULESETS} ${family} rulesets: groups and edges are those of every pair of addresses`, () => {
    const rng = seededRng(SEED + 1);
    let edgesSeen = 0;
    let exact = 0;
    for (let round = 0; round < RULESETS; round++) {
      const filter = filterTable(rng, family, false);
      const source = tableText("filter", filter, family);
      const { ruleset } = parseRestore({ source: "random", text: source, family });
      const own = new Map([
        ["eth0", POINTS.filter(() => rng.below(3) === 0)],
        ["eth1", POINTS.filter(() => rng.below(3) === 0)],
      ]);
      const placed = round % 2 === 0;
      const answer = services({
        table: ruleset.tables.get("filter") as Table,
        chain: "FORWARD",
        context: rulesOnly(family, "nft"),
        service: { protocol: 6, port: 22, icmp: undefined },
        ...(placed && {
          behind: new Map([...own].map(([name, points]) => [name, rangesOf(family, points)])),
        }),
      });
      if (answer === undefined) throw new Error(source);
      const devices = (src: number): readonly string[] => {
        if (!placed) return DEVICES;
        const named = [...own].filter(([, points]) => points.includes(src)).map(([name]) => name);
        return named.length > 0 ? named : ["eth5", "ppp7", "wlan0"];
      };
      const results = (src: number, dst: number): readonly End[] =>
        devices(src).flatMap((device) =>
          walk(filter, "FORWARD", { src, dst, device, port: 22, mark: 0 }).map(({ end }) => end),
        );
      const may = POINTS.map((src) => POINTS.map((dst) => results(src, dst).includes("accept")));
      const groupOf = (at: number): number =>
        answer.groups.find(({ addresses }) => {
          const value = point(family, at);
          return addresses.some(
            (low, index) => index % 2 === 0 && value >= low && value <= (addresses[index + 1] as FieldValue),
          );
        })?.id as number;
      const edges = new Set(answer.edges.map(([from, to]) => `${from} ${to}`));
      for (const a of POINTS)
        for (const b of POINTS) {
          expect(edges.has(`${groupOf(a)} ${groupOf(b)}`), `${a} to ${b}\n${source}`).toBe(may[a]?.[b]);
          const alike = POINTS.every(
            (other) => may[a]?.[other] === may[b]?.[other] && may[other]?.[a] === may[other]?.[b],
          );
          expect(groupOf(a) === groupOf(b), `${a} and ${b} alike\n${source}`).toBe(alike);
        }
      // Smallest: no two groups are alike, though the addresses be far from every point.
      const kinds = answer.groups.map(({ id }) =>
        answer.groups
          .map((other) => `${edges.has(`${id} ${other.id}`)}${edges.has(`${other.id} ${id}`)}`)
          .join(),
      );
      expect(new Set(kinds).size, source).toBe(kinds.length);
      expect(
        answer.groups.reduce((sum, { size }) => sum + size, 0n),
        source,
      ).toBe(BigInt(fieldMax("src", family)) + 1n);
      edgesSeen += answer.edges.length;
      if (!answer.exact) continue;
      exact++;
      for (const a of POINTS)
        for (const b of POINTS)
          expect(new Set(results(a, b)).size, `${printAddress(point(family, a))}\n${source}`).toBe(1);
    }
    expect(edgesSeen).toBeGreaterThan(RULESETS);
    expect(exact).toBeGreaterThan(RULESETS / 10);
  });

for (const family of ["ipv4", "ipv6"] as const)
  test(`lockout, ${RULESETS} ${family} rulesets: the first packet holds exactly where no packet may be lost`, () => {
    const rng = seededRng(SEED + 2);
    const seen = { holds: 0, fails: 0, open: 0 };
    for (let round = 0; round < RULESETS; round++) {
      const input = filterTable(rng, family, true, "INPUT");
      const stages = rng.below(2) === 0 ? earlierTables(rng, family) : [];
      const source =
        stages.map(([table, , chains]) => tableText(table, chains, family)).join("") +
        tableText("filter", input, family);
      const { ruleset } = parseRestore({ source: "random", text: source, family });
      const admin = [rng.below(9)];
      const device = rng.below(3) === 0 ? undefined : "eth1";
      const [said] = lockout({
        ruleset,
        context: rulesOnly(family, "nft"),
        admin: rangesOf(family, admin),
        port: 22,
        device,
      });
      const packets = admin.flatMap((src) =>
        POINTS.flatMap((dst) =>
          (device === undefined ? DEVICES : [device]).map(
            (each): Packet => ({ src, dst, device: each, port: 22, mark: 0 }),
          ),
        ),
      );
      const isLost = ({ end, packet }: Result): boolean => end === "drop" || packet.sent === true;
      const results = packets.map((packet) =>
        [...stages, ["filter", "INPUT", input] as const].reduce<readonly Result[]>(
          (all, [, chain, chains]) =>
            all.flatMap((result) => (isLost(result) ? [result] : walk(chains, chain, result.packet))),
          [{ end: "accept", packet }],
        ),
      );
      const told = `${admin} ${device}\n${source}`;
      const mayLose = results.some((each) => each.some(isLost));
      expect(said?.holds, told).toBe(!mayLose);
      if (said?.holds === true) seen.holds++;
      else if (said?.exact === true) {
        seen.fails++;
        expect(
          results.some((each) => each.every(isLost)),
          told,
        ).toBe(true);
        expect(said.rule, told).toBeDefined();
      } else seen.open++;
    }
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(RULESETS / 50);
  });
