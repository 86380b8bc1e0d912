/**
 * An indexed chain against the same chain asked rule by rule: random long chains of both families on both backends, with
 * jumps, goto, RETURN, rules that go on, negations, masks, and tests that remember (limit, statistic) before and behind
 * others, and random packets at their edges, with fragments and packets that are too short for their header. Verdicts,
 * marks and every counter must be the same.
 */
import { expect, test } from "vitest";
import { hasErrors, type Rng, seededRng } from "../../src/base/index.ts";
import { buildPacket } from "../../src/cases/index.ts";
import type { Family } from "../../src/net/index.ts";
import { indexChains } from "../../src/replay/chain-index.ts";
import { type Host, World } from "../../src/sim/index.ts";
import { type Walk, walkTable } from "../../src/sim/traverse.ts";
import { readSnapshot } from "../../src/snapshot/index.ts";
import { type Backend, CT_INFO, Skb } from "../../src/xt/index.ts";

const RULESETS = 40;
const PACKETS = 150;
const SEED = 20261125;

const BASES: Readonly<Record<Family, readonly string[]>> = {
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
  ipv6: ["2001:db8::", "2001:db8::1", "2001:db8:0:1::", "2001:db8:1::ffff", "fe80::1", "::", "ffff::ffff"],
};
const MASKS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["32", "32", "24", "16", "8", "255.0.255.0", "255.255.255.254"],
  ipv6: ["128", "128", "64", "48", "32", "ffff::ffff"],
};
const PORTS = [0, 1, 21, 22, 23, 80, 443, 1023, 1024, 65535];

const not = (rng: Rng): string => (rng.below(5) === 0 ? "! " : "");

function address(rng: Rng, family: Family): string {
  if (rng.below(2) === 0) return rng.pick(BASES[family]);
  return family === "ipv4"
    ? `10.0.${rng.below(3)}.${rng.below(256)}`
    : `2001:db8:0:${rng.below(3)}::${rng.below(16)}`;
}

function range(rng: Rng): string {
  const [low, high] = [rng.pick(PORTS), rng.pick(PORTS)].sort((a, b) => a - b);
  return rng.below(2) === 0 ? `${low}` : `${low}:${high}`;
}

function tests(rng: Rng, family: Family, protocol: string): string {
  const named = protocol.replace("! ", "").trim();
  const parts: string[] = [];
  const add = (text: string): void => {
    parts.splice(rng.below(parts.length + 1), 0, text);
  };
  if (rng.below(5) === 0) add("-m limit --limit 5/s --limit-burst 3");
  if (rng.below(6) === 0) add("-m statistic --mode nth --every 3 --packet 0");
  if (rng.below(6) === 0) add(`-m mark ${not(rng)}--mark ${rng.pick(["1", "0x10/0xf0"])}`);
  if (rng.below(6) === 0)
    add(`-m conntrack ${not(rng)}--ctstate ${rng.pick(["NEW", "ESTABLISHED,RELATED", "INVALID"])}`);
  if (rng.below(6) === 0)
    add(
      `-m iprange ${not(rng)}--src-range ${family === "ipv4" ? "10.0.0.1-10.0.1.0" : "2001:db8::1-2001:db8:0:1::"}`,
    );
  if (rng.below(8) === 0) add("-m length --length 20:48");
  if (/tcp|udp/.test(named) && rng.below(4) > 0) {
    if (protocol.startsWith("!") || rng.below(3) > 0)
      add(
        `-m ${named} ${not(rng)}--${rng.pick(["dport", "sport"])} ${range(rng)}${named === "tcp" && rng.below(4) === 0 ? " --syn" : ""}`,
      );
    else
      add(
        `-m multiport ${not(rng)}--${rng.pick(["dports", "sports", "ports"])} ${rng.pick(PORTS)},22,100:200`,
      );
  }
  return parts.join(" ");
}

function rule(rng: Rng, family: Family, chains: readonly string[]): string {
  const icmp = family === "ipv4" ? "icmp" : "ipv6-icmp";
  const protocol = rng.pick(["", "tcp", "tcp", "udp", "! tcp", "47", icmp]);
  const word = protocol === "" ? "" : `${protocol.startsWith("!") ? "! -p tcp" : `-p ${protocol}`} `;
  const side = (option: string): string =>
    rng.below(5) < 3 ? `${not(rng)}${option} ${address(rng, family)}/${rng.pick(MASKS[family])} ` : "";
  const device = rng.below(8) === 0 ? "-i eth0 " : "";
  const fragment = family === "ipv4" && rng.below(30) === 0 ? `${not(rng)}-f ` : "";
  const target = rng.pick([
    "-j ACCEPT",
    "-j DROP",
    "-j ACCEPT",
    "-j DROP",
    "-j RETURN",
    "",
    "-j MARK --set-xmark 0x1/0x1",
    "-j MARK --set-xmark 0x10/0xf0",
    ...chains.flatMap((chain) => [`-j ${chain}`, `-g ${chain}`]),
  ]);
  return `${side("-s")}${side("-d")}${device}${word}${fragment}${tests(rng, family, protocol)} ${target}`;
}

/** Chains call only those behind them. Rules that no kernel takes are left out by the caller. */
function rules(rng: Rng, family: Family): string {
  const chains = ["A", "B"];
  let text = `*mangle\n:FORWARD ${rng.pick(["ACCEPT", "DROP"])} [0:0]\n${chains.map((chain) => `:${chain} - [0:0]\n`).join("")}`;
  for (const [at, chain] of ["FORWARD", ...chains].entries()) {
    for (let count = 5 + rng.below(60); count > 0; count--) {
      const line = `-A ${chain} ${rule(rng, family, chains.slice(at))}\n`;
      const alone = `*mangle\n:A - [0:0]\n:B - [0:0]\n:FORWARD ACCEPT [0:0]\n${line}COMMIT\n`;
      if (!hasErrors(readSnapshot([listing(alone, family)], "nft").diagnostics)) text += line;
    }
  }
  return `${text}COMMIT\n`;
}

const listing = (text: string, family: Family) =>
  ({ kind: "ruleset", source: "random", text, family }) as const;

function bytesOf(rng: Rng, family: Family): Uint8Array {
  const proto = rng.pick(["tcp", "tcp", "udp", "gre", family === "ipv4" ? "icmp" : "icmpv6"]);
  const built = buildPacket({
    src: address(rng, family),
    dst: address(rng, family),
    proto,
    sport: rng.pick(PORTS),
    dport: rng.pick(PORTS),
    flags: rng.pick(["S", "SA", "A"]),
    type: 8,
  } as never);
  if (typeof built === "string") throw new Error(built);
  if (family === "ipv4" && rng.below(8) === 0) built[7] = rng.pick([1, 5]);
  const header = family === "ipv4" ? 20 : 40;
  return rng.below(8) === 0 ? built.slice(0, header + rng.below(built.length - header + 1)) : built;
}

function skbOf(rng: Rng, family: Family, bytes: Uint8Array): Skb {
  const skb = new Skb(family, bytes);
  skb.hook = "FORWARD";
  skb.inDevice = rng.pick(["eth0", "eth1"]);
  skb.mark = rng.pick([0, 1, 0x10]);
  skb.ctInfo = rng.pick([CT_INFO.NEW, CT_INFO.ESTABLISHED]);
  if (rng.below(4) > 0) skb.ct = { status: 0 } as never;
  return skb;
}

const WALK: Walk = { counted: () => {}, policyCounted: () => {}, decide: () => false, looked: undefined };

const counters = (host: Host, family: Family): readonly string[] =>
  [...(host.tables[family]?.chains.get("mangle")?.values() ?? [])].flatMap((chain) =>
    [chain, ...chain.rules].map(({ packets, bytes }, at) => `${chain.name} ${at}: ${packets} ${bytes}`),
  );

for (const family of ["ipv4", "ipv6"] as const)
  for (const backend of ["legacy", "nft"] satisfies Backend[])
    test(`${RULESETS} ${family} rulesets on ${backend}: an index changes nothing`, () => {
      const rng = seededRng(SEED + (family === "ipv4" ? 0 : 1) + (backend === "nft" ? 0 : 2));
      let left = 0;
      let asked = 0;
      for (let round = 0; round < RULESETS; round++) {
        const text = rules(rng, family);
        const snapshot = readSnapshot([listing(text, family)], backend);
        expect(hasErrors(snapshot.diagnostics), text).toBe(false);
        const [plain, indexed] = [1, 1].map((seed) => snapshot.makeHost(new World([], seededRng(seed)))) as [
          Host,
          Host,
        ];
        indexChains(indexed);
        for (let count = 0; count < PACKETS; count++) {
          const bytes = bytesOf(rng, family);
          const seed = rng.below(1 << 30);
          const [one, other] = [plain, indexed].map((host) => {
            host.now = count * 50;
            const skb = skbOf(seededRng(seed), family, bytes.slice());
            const chain = host.tables[family]?.chainAt("mangle", "FORWARD");
            const verdict = walkTable(chain as never, skb, WALK);
            return `${verdict} ${skb.mark}`;
          });
          expect(other, `packet ${Buffer.from(bytes).toString("hex")}\n${text}`).toBe(one);
          const chain = indexed.tables[family]?.chainAt("mangle", "FORWARD");
          const first = chain?.index?.next(0, skbOf(seededRng(seed), family, bytes)) ?? 0;
          left += first;
          asked++;
        }
        expect(counters(indexed, family), text).toEqual(counters(plain, family));
      }
      // The index does leave rules out.
      expect(left / asked).toBeGreaterThan(1);
    });
