/**
 * Rulesets on which questions over all packets are hard: prefixes nested in each other on both sides, ports in ranges that
 * cross, few fields that tell rules apart. Made by formula, in the manner of the kinds of filter sets that classification
 * papers use.
 */
import { type Rng, seededRng } from "../src/base/index.ts";
import { printIpv4 } from "../src/net/index.ts";

export const HARD_KINDS = ["services", "port ranges", "chains", "addresses"] as const;
export type HardKind = (typeof HARD_KINDS)[number];

/** Prefixes of these lengths, nested under few common networks. */
function nested(rng: Rng, count: number, lengths: readonly number[]): readonly string[] {
  const networks = Array.from({ length: Math.max(3, count / 50) }, () => rng.below(2 ** 12) * 2 ** 20);
  return Array.from({ length: Math.ceil(count) }, () => {
    const bits = rng.pick(lengths);
    const size = 2 ** (32 - bits);
    const address = rng.pick(networks) + rng.below(2 ** 20);
    return `${printIpv4(Math.floor(address / size) * size)}/${bits}`;
  });
}

function range(rng: Rng, widths: readonly number[]): string {
  const low = rng.below(60_000);
  return `${low}:${Math.min(65_535, low + 1 + rng.below(rng.pick(widths)))}`;
}

function rules(kind: HardKind, count: number, rng: Rng): readonly string[] {
  const from = nested(rng, count / 8, [0, 12, 16, 20, 24, 28, 32, 32].slice(kind === "services" ? 0 : 1));
  const to = nested(rng, count / (kind === "services" ? 20 : 4), [14, 16, 18, 22, 24, 26, 28, 30, 32]);
  const ports = ["22", "25", "53", "80", "443", "1521", "3306", "1024:65535", "6000:6100", "8000:8999"];
  const addresses = `-s ${"$"} -d ${"$"}`;
  const rule: Record<HardKind, () => string> = {
    services: () => `-p ${rng.pick(["tcp", "tcp", "udp"])} --dport ${rng.pick(ports)}`,
    "port ranges": () =>
      `-p ${rng.pick(["tcp", "udp"])}${rng.below(2) === 0 ? "" : ` --sport ${range(rng, [5, 500, 5000])}`} --dport ${range(rng, [5, 500, 20_000])}`,
    chains: () =>
      rng.pick([
        "",
        "-p tcp",
        "-p udp",
        "-p tcp --dport 443",
        "-p udp --dport 53",
        `-p tcp --dport ${rng.below(3000)}`,
      ]),
    addresses: () => "",
  };
  return Array.from({ length: count }, () => {
    const target = rng.below(10) < 7 ? "ACCEPT" : "DROP";
    const tests =
      kind === "addresses"
        ? `-s ${printIpv4(2 ** 24 + rng.below(2 ** 31))}`
        : addresses.replace("$", rng.pick(from)).replace("$", rng.pick(to));
    return `-A FORWARD ${tests} ${rule[kind]()} -j ${kind === "addresses" ? "DROP" : target}`;
  });
}

/** A restore file with `count` rules in FORWARD. */
export function hardRuleset(kind: HardKind, count: number, seed: number): string {
  const policy = kind === "addresses" ? "ACCEPT" : "DROP";
  return ["*filter", `:FORWARD ${policy} [0:0]`, ...rules(kind, count, seededRng(seed)), "COMMIT\n"].join(
    "\n",
  );
}
