/**
 * Which rules switch conntrack and defragmentation on: the kernel has neither until something asks for it. Kernel:
 * nf_ct_netns_get() and nf_defrag_ipv4_enable() as the extensions' checkentry functions call them.
 */
import { isOpaque, type Rule, type Ruleset } from "../ruleset/index.ts";

const TRACKING_MATCHES: ReadonlySet<string> = new Set([
  "conntrack",
  "state",
  "connbytes",
  "connlabel",
  "connlimit",
  "connmark",
  "cluster",
  "helper",
]);
const TRACKING_TARGETS: ReadonlySet<string> = new Set([
  "SNAT",
  "DNAT",
  "MASQUERADE",
  "REDIRECT",
  "NETMAP",
  "CONNMARK",
  "CONNSECMARK",
  "CT",
  "SYNPROXY",
  "CLUSTERIP",
]);

function anyRule({ tables }: Ruleset, test: (rule: Rule) => boolean): boolean {
  for (const { chains } of tables.values())
    for (const { rules } of chains.values()) if (rules.some(test)) return true;
  return false;
}

const matchNames = (rule: Rule): string[] =>
  rule.matches.map((use) => (isOpaque(use) ? use.name : use.extension.name));

function targetName({ jump }: Rule): string {
  if (jump?.kind === "target") return jump.extension.name;
  return jump?.kind === "opaque" ? jump.name : "";
}

/** `CT --notrack` alone asks for no tracking. */
const isNotrack = ({ jump }: Rule): boolean =>
  jump?.kind === "target" &&
  jump.extension.name === "CT" &&
  (jump.info as { readonly notrack?: boolean }).notrack === true;

export function needsConntrack(ruleset: Ruleset): boolean {
  return anyRule(
    ruleset,
    (rule) =>
      matchNames(rule).some((name) => TRACKING_MATCHES.has(name)) ||
      (TRACKING_TARGETS.has(targetName(rule)) && !isNotrack(rule)),
  );
}

export function needsDefragmentation(ruleset: Ruleset): boolean {
  return anyRule(ruleset, (rule) => matchNames(rule).includes("socket") || targetName(rule) === "TPROXY");
}
