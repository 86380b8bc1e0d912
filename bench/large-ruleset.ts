/** Rulesets of any size with the repetitions of real ones: hosts in subnets, a few services, mostly single ports. */
import { seededRng } from "../src/base/index.ts";
import { printIpv4 } from "../src/net/index.ts";

const SERVICES = [
  "tcp 22",
  "tcp 443",
  "tcp 80",
  "udp 53",
  "tcp 25",
  "udp 123",
  "tcp 3306",
  "tcp 5432",
  "tcp 8000:8100",
  "tcp 1024:65535",
  "udp 16384:32767",
  "tcp 6443",
];

/** `count` rules of chain FORWARD in iptables-save's own spelling, so that printing must give the text back. */
export function largeRuleset(count: number, seed: number): string {
  const rng = seededRng(seed);
  const subnets = Array.from(
    { length: Math.ceil(Math.sqrt(count)) },
    () => (10 * 2 ** 24 + rng.below(2 ** 16) * 256) >>> 0,
  );
  const host = (): string => `${printIpv4(rng.pick(subnets) + 1 + rng.below(254))}/32`;
  const network = (): string => `${printIpv4(rng.pick(subnets))}/24`;
  const lines = ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"];
  for (let index = 0; index < count; index++) {
    const [protocol, ports] = rng.pick(SERVICES).split(" ") as [string, string];
    const source = rng.below(5) === 0 ? "" : ` -s ${rng.below(2) === 0 ? host() : network()}`;
    const target = rng.below(5) === 0 ? "DROP" : "ACCEPT";
    lines.push(
      `-A FORWARD${source} -d ${rng.below(4) === 0 ? network() : host()} -p ${protocol} -m ${protocol} --dport ${ports} -j ${target}`,
    );
  }
  return `${lines.join("\n")}\nCOMMIT\n`;
}
