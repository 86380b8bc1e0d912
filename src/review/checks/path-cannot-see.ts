/** Tests that cannot hold where their rule stands, because packets of the hooks that lead there lack what is asked. */
import type { Diagnostic } from "../../base/index.ts";
import { type AddressTest, isOpaque, type Rule } from "../../ruleset/index.ts";
import type { Hook } from "../../xt/index.ts";
import type { PhysdevInfo } from "../../xt/matches/physdev.ts";
import { type Check, chainName, finding, type LiveChain, likewise, liveChains, MAX_NOTES } from "../check.ts";
import { isRefusing } from "../extension-facts.ts";
import { addressCovers, isAnyInterface } from "../headers.ts";
import { addressText, enumerate, interfaceText } from "../rule-text.ts";

/** A test, the hooks where no packet passes it, and why. */
interface Blind {
  readonly text: string;
  readonly hooks: readonly Hook[];
  readonly why: string;
  readonly hint: string;
  /** Only odd settings could prove it wrong, or the rule does no harm: worth a note. */
  readonly mild?: boolean;
}

export const pathCannotSee: Check = {
  codes: ["path/cannot-see"],
  title: "tests that cannot hold at the hooks that lead to the rule",
  run: (_ruleset, context) => {
    const diagnostics: Diagnostic[] = [];
    for (const live of liveChains(context)) {
      const groups = new Map<string, { readonly rule: Rule; readonly blind: Blind }[]>();
      for (const rule of live.rules) {
        for (const blind of blindTests(rule)) {
          // A chain that several hooks share may well ask what only one of them can answer.
          if (!live.hooks.every((hook) => blind.hooks.includes(hook))) continue;
          const key = `${blind.why} ${blind.mild}`;
          const group = groups.get(key);
          if (group === undefined) groups.set(key, [{ rule, blind }]);
          else group.push({ rule, blind });
        }
      }
      for (const group of groups.values()) diagnostics.push(report(live, group));
    }
    return diagnostics;
  },
};

function report(
  { view, chain, hooks }: LiveChain,
  group: readonly { readonly rule: Rule; readonly blind: Blind }[],
): Diagnostic {
  const [{ rule, blind }, ...rest] = group as [(typeof group)[number], ...typeof group];
  const whence =
    chain.name === hooks[0]
      ? ""
      : `, and only ${enumerate(hooks)} lead${hooks.length === 1 ? "s" : ""} to ${chain.name}`;
  return finding({
    code: "path/cannot-see",
    severity: blind.mild !== true ? "warning" : "note",
    message: `"${blind.text}" cannot hold in ${hooks.join(" or ")}: ${blind.why}${whence}; the rule never matches${likewise(rest.length, chain)}`,
    span: rule.span,
    hint: blind.hint,
    notes: rest.slice(0, MAX_NOTES).map((each) => ({
      message: `"${each.blind.text}" in ${chainName(view, chain)}`,
      span: each.rule.span,
    })),
  });
}

function blindTests(rule: Rule): readonly Blind[] {
  const { inInterface, outInterface, source, destination } = rule.header;
  const { matches } = rule;
  if (
    inInterface === undefined &&
    outInterface === undefined &&
    source === undefined &&
    destination === undefined &&
    matches.length === 0
  )
    return [];
  const blind: Blind[] = [];
  if (outInterface !== undefined && !outInterface.invert && !isAnyInterface(outInterface)) {
    blind.push({
      text: interfaceText("-o", outInterface),
      hooks: ["PREROUTING", "INPUT"],
      why: "the packet has no way out there (not chosen yet, or it ends on this host)",
      hint: "test -o in a chain that only FORWARD, OUTPUT or POSTROUTING lead to",
    });
    if (outInterface.name === "lo") {
      blind.push({
        text: "-o lo",
        hooks: ["FORWARD"],
        why: "what goes to lo is for this host and passes INPUT instead",
        hint: "test it in OUTPUT, or accept -i lo in INPUT",
      });
    }
  }
  // Not in POSTROUTING: iptables refuses -i there, but in a chain that POSTROUTING jumps to it holds for forwarded
  // packets since Linux 5.7 (net/ipv4/ip_output.c, ip_output(), hands the device on).
  if (inInterface !== undefined && !inInterface.invert && !isAnyInterface(inInterface)) {
    const text = interfaceText("-i", inInterface);
    blind.push({
      text,
      hooks: ["OUTPUT"],
      why: "this host made the packet itself, it came in by no interface",
      hint: "test -i in a chain that only PREROUTING, INPUT or FORWARD lead to",
    });
    if (inInterface.name === "lo") {
      blind.push({
        text,
        hooks: ["FORWARD"],
        why: "what comes in by lo is from this host for this host, and is not forwarded",
        hint: `put "-i lo" into INPUT`,
      });
    }
  }
  for (const [option, test] of [
    ["-s", source],
    ["-d", destination],
  ] as const) {
    if (test === undefined || !isLoopback(test) || isRefusing(rule.jump)) continue;
    blind.push({
      text: addressText(option, test),
      hooks: ["FORWARD"],
      why: "routing drops loopback addresses that come from or go to a network",
      hint: "test loopback addresses in INPUT and OUTPUT",
      mild: true,
    });
  }
  for (const use of matches)
    if (!isOpaque(use) && use.extension.name === "physdev")
      blind.push(...physdevTests(use.info as PhysdevInfo));
  return blind;
}

const LOOPBACK_V4: AddressTest = { address: 0x7f000000, mask: 0xff000000, invert: false };
const LOOPBACK_V6: AddressTest = { address: 1n, mask: (1n << 128n) - 1n, invert: false };

function isLoopback(test: AddressTest): boolean {
  return addressCovers(typeof test.address === "number" ? LOOPBACK_V4 : LOOPBACK_V6, test);
}

/** Kernel: net/netfilter/xt_physdev.c, physdev_mt(); the way out of a bridge is known from FORWARD on. */
function physdevTests({ in: came, out, isIn, isOut, isBridged }: PhysdevInfo): readonly Blind[] {
  const leaving =
    (out !== undefined && !out.invert && "--physdev-out") ||
    (isOut !== undefined && !isOut.invert && "--physdev-is-out") ||
    (isBridged !== undefined && !isBridged.invert && "--physdev-is-bridged");
  const entering =
    (came !== undefined && !came.invert && "--physdev-in") ||
    (isIn !== undefined && !isIn.invert && "--physdev-is-in");
  const blind: Blind[] = [];
  if (leaving !== false) {
    blind.push({
      text: leaving,
      hooks: ["PREROUTING", "INPUT"],
      why: "the bridge port that a packet leaves by is not known there",
      hint: "test it in FORWARD or POSTROUTING",
    });
  }
  const any = entering === false ? leaving : entering;
  if (any !== false)
    blind.push({
      text: any,
      hooks: ["OUTPUT"],
      why: "this host made the packet itself, it came in by no bridge port, and its way out over a bridge is not known yet",
      hint: "test -o with the name of the bridge",
    });
  return blind;
}
