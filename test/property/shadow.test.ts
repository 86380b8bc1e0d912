/**
 * `ask shadow` against enumeration: random tables over fields of so few values that every packet can be walked, by a walker
 * that knows only the predicates that the generator wrote beside each rule's text. What is reported must hold for every
 * packet and every outcome of unknown tests; where nothing is unknown and no mark changes, nothing may be missing.
 */
import { expect, test } from "vitest";
import { hasErrors, type Rng, seededRng } from "../../src/base/index.ts";
import { type ShadowFinding, shadowedRules } from "../../src/query/index.ts";
import { rulesOnly } from "../../src/reach/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";

const SEED = 20261126;
const TABLES = 150;

interface Packet {
  readonly src: number;
  readonly proto: number;
  readonly sport: number;
  readonly dport: number;
  readonly in: string;
  readonly later: boolean;
  readonly state: string;
  readonly mark: number;
}

type Test = (packet: Packet, mark: number) => boolean;

interface ModelRule {
  readonly text: string;
  readonly tests: readonly Test[];
  /** Has a test with an unknown outcome. */
  readonly unknown: boolean;
  readonly target: string;
}

type Model = ReadonlyMap<string, readonly ModelRule[]>;

const TEN = 0x0a000000;
const SOURCES = [TEN, TEN + 1, TEN + 2, TEN + 3, TEN + 0x90000, TEN + 0x90001, 0xc0000200, 0xc0000201];
/** Source and destination; only 22 and 80 are ever asked for as source. */
const PORT_PAIRS = [0, 21, 22, 23, 80, 81].flatMap((dport) => [
  [22, dport],
  [999, dport],
]) as readonly (readonly [number, number])[];
const NO_PORTS = [[0, 0]] as const;
const DEVICES = ["eth0", "eth1", "eth9", "ppp0", "x"];

function everyPacket(marks: readonly number[]): readonly Packet[] {
  const packets: Packet[] = [];
  for (const src of SOURCES)
    for (const proto of [6, 17, 47, 1])
      for (const [sport, dport] of proto === 6 || proto === 17 ? PORT_PAIRS : NO_PORTS)
        for (const device of DEVICES)
          for (const later of [false, true])
            for (const state of ["NEW", "ESTABLISHED"])
              for (const mark of marks)
                packets.push({ src, proto, sport, dport, in: device, later, state, mark });
  return packets;
}

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)] as T;
const maybe = (invert: boolean, test: Test): Test => (invert ? (p, m) => !test(p, m) : test);

interface Features {
  readonly marks: boolean;
  readonly unknowns: boolean;
}

function randomRule(rng: Rng, chains: readonly string[], features: Features): ModelRule {
  const words: string[] = [];
  const modules: string[] = [];
  const tests: Test[] = [];
  const inverted = (): boolean => rng.below(4) === 0;
  const bang = (invert: boolean): string => (invert ? "! " : "");
  if (rng.below(2) === 0) {
    const invert = inverted();
    const [text, address, mask] = pick(rng, [
      ["10.0.0.0/30", TEN, 0xfffffffc],
      ["10.0.0.0/31", TEN, 0xfffffffe],
      ["10.0.0.2/31", TEN + 2, 0xfffffffe],
      ["10.0.0.1", TEN + 1, 0xffffffff],
      ["10.0.0.2", TEN + 2, 0xffffffff],
      ["10.0.0.0/8", TEN, 0xff000000],
      ["10.0.0.1/255.0.0.1", TEN + 1, 0xff000001],
      ["0.0.0.1/0.0.0.1", 1, 1],
    ] as const);
    words.push(`${bang(invert)}-s ${text}`);
    tests.push(maybe(invert, ({ src }) => (src & mask) >>> 0 === address));
  }
  if (rng.below(4) === 0) {
    const invert = inverted();
    const name = pick(rng, ["eth0", "eth+", "eth1", "ppp+"]);
    words.push(`${bang(invert)}-i ${name}`);
    const holds: Test = (packet) =>
      name.endsWith("+") ? packet.in.startsWith(name.slice(0, -1)) : packet.in === name;
    tests.push(maybe(invert, holds));
  }
  const protocol = pick(rng, ["", "", "tcp", "udp", "gre", "!tcp"] as const);
  const number = { tcp: 6, udp: 17, gre: 47 }[protocol.replace("!", "")];
  if (number !== undefined) {
    words.push(`${protocol.startsWith("!") ? "! " : ""}-p ${protocol.replace("!", "")}`);
    tests.push(maybe(protocol.startsWith("!"), ({ proto }) => proto === number));
  }
  if ((protocol === "tcp" || protocol === "udp") && rng.below(2) === 0) {
    const invert = inverted();
    const [text, low, high] = pick(rng, [
      ["22", 22, 22],
      ["21:22", 21, 22],
      ["0:22", 0, 22],
      ["23:", 23, 65535],
      ["22:80", 22, 80],
    ] as const);
    if (rng.below(3) === 0 && !text.endsWith(":")) {
      modules.push(`-m multiport ${bang(invert)}--ports 22,80`);
      const among = (port: number): boolean => port === 22 || port === 80;
      tests.push(({ later, sport, dport }) => !later && (among(sport) || among(dport)) !== invert);
    } else {
      words.push(`${bang(invert)}--dport ${text}`);
      // A later fragment has no ports, and fails the test whatever its sign.
      tests.push(({ later, dport }) => !later && (dport >= low && dport <= high) !== invert);
    }
  }
  if (rng.below(6) === 0) {
    const invert = inverted();
    modules.push(`-m conntrack ${bang(invert)}--ctstate NEW`);
    tests.push(maybe(invert, ({ state }) => state === "NEW"));
  }
  if (features.marks && rng.below(3) === 0) {
    const invert = inverted();
    const value = rng.below(2);
    modules.push(`-m mark ${bang(invert)}--mark ${value}`);
    tests.push(maybe(invert, (_, mark) => mark === value));
  }
  const unknown = features.unknowns && rng.below(4) === 0;
  if (unknown) modules.push("-m limit --limit 5/s");
  const target = pick(rng, [
    "-j ACCEPT",
    "-j DROP",
    "-j ACCEPT",
    "-j DROP",
    "-j RETURN",
    "-j REJECT",
    "-j REJECT --reject-with icmp-host-prohibited",
    "",
    "-j LOG",
    ...(features.marks ? ["-j MARK --set-mark 1", "-j MARK --set-mark 0"] : []),
    ...chains.flatMap((chain) => [`-j ${chain}`, `-g ${chain}`]),
  ]);
  return { text: [...words, ...modules, target].join(" ").trim(), tests, unknown, target };
}

/** A chain calls only those behind it, so that none calls itself. */
function randomModel(rng: Rng, features: Features): Model {
  const names = ["FORWARD", "A", "B"];
  return new Map(
    names.map((name, at) => [
      name,
      Array.from({ length: 1 + rng.below(7) }, () => randomRule(rng, names.slice(at + 1), features)),
    ]),
  );
}

const textOf = (model: Model, policy: string): string =>
  [
    "*filter",
    `:FORWARD ${policy} [0:0]`,
    ":A - [0:0]",
    ":B - [0:0]",
    ...[...model].flatMap(([chain, rules]) => rules.map(({ text }) => `-A ${chain} ${text}`)),
    "COMMIT\n",
  ].join("\n");

/** Outcomes of unknown tests, one for each rule that has one. */
type Outcomes = ReadonlyMap<ModelRule, boolean>;

class Walker {
  readonly model: Model;
  readonly outcomes: Outcomes;
  readonly removed: ModelRule | undefined;
  readonly met = new Set<ModelRule>();
  readonly seen: (string | ModelRule)[] = [];
  mark = 0;

  constructor(model: Model, outcomes: Outcomes, removed?: ModelRule) {
    this.model = model;
    this.outcomes = outcomes;
    this.removed = removed;
  }

  /** What becomes of a packet in the built-in chain. */
  whole(packet: Packet, policy: string): string {
    this.mark = packet.mark;
    const end = this.chain("FORWARD", packet);
    return end === "return" ? policy : end;
  }

  /** All that is done to the packet; that one rule's limit is spent or not does not count. */
  seenBeside(rule: ModelRule): string {
    return this.seen
      .filter((each) => each !== rule)
      .map((each) => (typeof each === "string" ? each : each.text))
      .join();
  }

  chain(name: string, packet: Packet, from = 0): string {
    for (const rule of (this.model.get(name) as readonly ModelRule[]).slice(from)) {
      if (rule === this.removed) continue;
      if (!rule.tests.every((holds) => holds(packet, this.mark))) continue;
      if (rule.unknown && this.outcomes.get(rule) !== true) {
        // The rule is met, and its test spends from its limit.
        this.met.add(rule);
        this.seen.push(rule);
        continue;
      }
      this.met.add(rule);
      const { target } = rule;
      if (rule.unknown) this.seen.push(rule);
      const called = /^-([jg]) ([AB])$/.exec(target);
      if (called !== null) {
        const end = this.chain(called[2] as string, packet);
        if (end !== "return" || called[1] === "g") return end;
      } else if (target === "-j RETURN") return "return";
      else if (target === "-j LOG") this.seen.push("log");
      else if (target.includes("MARK")) {
        this.mark = target.endsWith("1") ? 1 : 0;
        this.seen.push(`mark ${this.mark}`);
      } else if (target !== "") return target.slice(3);
    }
    return "return";
  }
}

function* everyOutcome(model: Model): Generator<Outcomes> {
  const unknown = [...model.values()].flat().filter((rule) => rule.unknown);
  for (let bits = 0; bits < 2 ** unknown.length; bits++)
    yield new Map(unknown.map((rule, at) => [rule, ((bits >> at) & 1) === 1]));
}

const nameOf = ({ chain, index, kind }: Pick<ShadowFinding, "chain" | "index" | "kind">): string =>
  `${chain} ${index} ${kind}`;

/** Which rules some packet meets, and which change what becomes of some packet. */
function truth(model: Model, policy: string, packets: readonly Packet[]) {
  const met = new Set<ModelRule>();
  const matters = new Set<ModelRule>();
  const all = [...model.values()].flat();
  for (const outcomes of everyOutcome(model))
    for (const packet of packets) {
      const walker = new Walker(model, outcomes);
      const end = walker.whole(packet, policy);
      for (const rule of walker.met) met.add(rule);
      for (const rule of walker.met) {
        if (matters.has(rule)) continue;
        const without = new Walker(model, outcomes, rule);
        if (without.whole(packet, policy) !== end || without.seenBeside(rule) !== walker.seenBeside(rule))
          matters.add(rule);
      }
    }
  return { met, matters, all };
}

const DECIDES = /^-j (ACCEPT|DROP|RETURN|REJECT.*)$/;

/** A rule of a called chain is asked about within that chain: whether its packets end there otherwise without it. */
function mattersInChain(model: Model, packets: readonly Packet[]): ReadonlySet<ModelRule> {
  const found = new Set<ModelRule>();
  const none: Outcomes = new Map();
  const callers = (name: string): Set<Packet> => {
    if (name === "FORWARD") return new Set(packets);
    const arriving = new Set<Packet>();
    for (const packet of packets) {
      const walker = new Walker(model, none);
      walker.whole(packet, "");
      if ([...walker.met].some(({ target }) => target.endsWith(` ${name}`))) arriving.add(packet);
    }
    return arriving;
  };
  for (const [name, rules] of model)
    for (const packet of callers(name)) {
      const walker = new Walker(model, none);
      const end = walker.chain(name, packet);
      for (const rule of walker.met) {
        if (found.has(rule) || !rules.includes(rule)) continue;
        const without = new Walker(model, none, rule);
        if (without.chain(name, packet) !== end) found.add(rule);
      }
    }
  return found;
}

for (const features of [
  { marks: false, unknowns: false },
  { marks: false, unknowns: true },
  { marks: true, unknowns: true },
])
  test(`${TABLES} tables${features.marks ? " with marks" : ""}${features.unknowns ? " with limits" : ""}: findings hold for every packet`, () => {
    const rng = seededRng(SEED);
    const packets = everyPacket(features.marks ? [0, 1, 2] : [0]);
    const kinds = { unreachable: 0, redundant: 0, byMany: 0 };
    let read = 0;
    for (let round = 0; round < TABLES; round++) {
      const model = randomModel(rng, features);
      const policy = pick(rng, ["ACCEPT", "DROP"]);
      const text = textOf(model, policy);
      if ([...model.values()].flat().filter(({ unknown }) => unknown).length > 3) continue;
      const { ruleset, diagnostics } = parseRestore({ source: "random", text, family: "ipv4" });
      // Now and then a rule can match nothing, and is refused.
      if (hasErrors(diagnostics)) continue;
      read++;
      const { findings } = shadowedRules(ruleset, rulesOnly("ipv4", "legacy"));
      const { met, matters, all } = truth(model, policy, packets);
      const ruleOf = ({ chain, index }: { chain: string; index: number }): ModelRule =>
        (model.get(chain) as readonly ModelRule[])[index - 1] as ModelRule;
      for (const finding of findings) {
        kinds[finding.kind]++;
        if (finding.by.length > 1) kinds.byMany++;
        const set = finding.kind === "unreachable" ? met : matters;
        expect(set.has(ruleOf(finding)), `${nameOf(finding)}\n${text}`).toBe(false);
        expect(finding.by.some((each) => ruleOf(each) === ruleOf(finding))).toBe(false);
      }
      if (features.marks || features.unknowns) continue;
      const found = new Set(findings.map(nameOf));
      const local = mattersInChain(model, packets);
      const logs = all.some(({ target }) => target === "-j LOG");
      for (const [chain, rules] of model)
        rules.forEach((rule, at) => {
          const name = (kind: ShadowFinding["kind"]): string => nameOf({ chain, index: at + 1, kind });
          if (!met.has(rule)) expect(found, `${name("unreachable")}\n${text}`).toContain(name("unreachable"));
          // Jumps to chains that log, and rejects in called chains, are not looked into.
          else if (!local.has(rule) && DECIDES.test(rule.target) && !logs && !text.includes("REJECT"))
            expect(found, `${name("redundant")}\n${text}`).toContain(name("redundant"));
        });
    }
    expect(read).toBeGreaterThan(0.5 * TABLES);
    expect(Math.min(kinds.unreachable, kinds.redundant, kinds.byMany)).toBeGreaterThan(20);
  });
