/** Rules of filter or mangle that ask for a destination which nat PREROUTING has replaced before they are reached. */
import type { Diagnostic } from "../../base/index.ts";
import { type Address, type MaskedAddress, maskBits, printAddress } from "../../net/index.ts";
import {
  type AddressTest,
  type Chain,
  type HeaderMatch,
  isOpaque,
  type Rule,
  type Ruleset,
} from "../../ruleset/index.ts";
import type { Hook } from "../../xt/index.ts";
import type { NatRange } from "../../xt/nat-range.ts";
import {
  type Check,
  chainName,
  finding,
  type LiveChain,
  likewise,
  liveChains,
  quotedNotes,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import { isDeciding, targetName, targetsOf } from "../extension-facts.ts";
import {
  addressesDisjoint,
  addressSpan,
  excludesInterface,
  headerCovers,
  headersDisjoint,
  isHost,
} from "../headers.ts";
import { destinationPorts, excludesNew, matchCovers } from "../matches.ts";
import { jumpText, matchText, quoteRule } from "../rule-text.ts";

/** Translating rules that are taken into account; with more of them nothing is claimed. */
const MAX_TRANSLATIONS = 256;
/** Matches of a translating rule that say the same of a packet before and after the translation, but for ports. */
const PLAIN_MATCHES: ReadonlySet<string> = new Set([
  "comment",
  "dccp",
  "multiport",
  "sctp",
  "tcp",
  "udp",
  "udplite",
]);

/** A rule that gives connections a new destination, and what that may be; undefined leaves it as it is. */
interface Translation {
  readonly rule: Rule;
  /** "local": an address of this host, not known here. */
  readonly addresses: { readonly low: Address; readonly high: Address } | "local" | undefined;
  readonly ports: { readonly low: number; readonly high: number } | undefined;
}

export const pathAfterTranslation: Check = {
  codes: ["path/after-translation"],
  title: "tests for a destination that DNAT has replaced before",
  run: (ruleset, context) => {
    const nat = context.views.get("nat");
    const prerouting = nat?.table.chains.get("PREROUTING");
    if (nat === undefined || prerouting === undefined || leavesUntracked(ruleset)) return [];
    const translations = translationsOf(nat);
    if (translations === undefined || translations.length === 0) return [];
    const first = firstTranslations(nat, prerouting, translations);
    if (first.length === 0) return [];
    const byHost = new TranslationsByHost(first);
    const diagnostics: Diagnostic[] = [];
    for (const live of liveChains(context, ["mangle", "filter", "security"])) {
      if (!live.hooks.every((hook) => hook === "INPUT" || hook === "FORWARD")) continue;
      const groups = new Map<Translation, Rule[]>();
      for (const rule of live.rules) {
        if (!isCandidate(rule, live.hooks)) continue;
        const by = byHost.candidates(rule).find((each) => takesAll(each, rule, nat, context));
        if (by === undefined || !translations.every((each) => misses(each, rule, live.hooks))) continue;
        const group = groups.get(by.translation);
        if (group === undefined) groups.set(by.translation, [rule]);
        else group.push(rule);
      }
      for (const [translation, rules] of groups) diagnostics.push(report(live, translation, rules, context));
    }
    return diagnostics;
  },
};

function report(
  { view, chain }: LiveChain,
  { rule: by, addresses, ports }: Translation,
  rules: readonly Rule[],
  { print }: ReviewContext,
): Diagnostic {
  const [rule, ...rest] = rules as [Rule, ...Rule[]];
  const host =
    addresses === undefined
      ? ""
      : addresses === "local"
        ? "this host"
        : addresses.low === addresses.high
          ? printAddress(addresses.low)
          : `${printAddress(addresses.low)}-${printAddress(addresses.high)}`;
  const port =
    ports === undefined ? "" : `port ${ports.low === ports.high ? ports.low : `${ports.low}-${ports.high}`}`;
  const now = [host, port].filter((part) => part !== "").join(", ");
  const retest =
    addresses !== undefined && addresses !== "local"
      ? `-d ${host}${ports === undefined ? "" : ` and --dport ${ports.low}`}`
      : ports === undefined
        ? "it in INPUT"
        : `--dport ${ports.low}${addresses === "local" ? " in INPUT" : ""}`;
  return finding({
    code: "path/after-translation",
    severity: "warning",
    message: `no new connection comes to ${quoteRule(rule, print)} in ${chainName(view, chain)}: nat PREROUTING has sent it on before (${by.jump === undefined ? "" : jumpText(by.jump, print)}), and here its destination is ${now}${likewise(rest.length, chain)}`,
    span: rule.span,
    hint: `test ${retest}; what the client asked for is still in -m conntrack --ctorigdst and --ctorigdstport`,
    notes: [{ message: `${quoteRule(by, print)} translates it`, span: by.span }, ...quotedNotes(rest, print)],
  });
}

/** Packets that raw exempts from tracking pass nat untouched. */
function leavesUntracked({ tables }: Ruleset): boolean {
  const raw = tables.get("raw");
  if (raw === undefined) return false;
  const targets = targetsOf(raw);
  return targets.has("CT") || targets.has("NOTRACK") || targets.has("?");
}

/** Every rule that may give a packet of PREROUTING a new destination; undefined if that cannot be told. */
function translationsOf({ table, hooks }: TableView): readonly Translation[] | undefined {
  const found: Translation[] = [];
  for (const chain of table.chains.values()) {
    if (!hooks.get(chain.name)?.includes("PREROUTING")) continue;
    for (const rule of chain.rules) {
      if (rule.jump?.kind === "opaque") return undefined;
      const translation = toTranslation(rule);
      if (translation !== undefined) found.push(translation);
    }
  }
  return found.length > MAX_TRANSLATIONS ? undefined : found;
}

function toTranslation(rule: Rule): Translation | undefined {
  if (rule.jump?.kind !== "target") return undefined;
  const { info } = rule.jump;
  switch (targetName(rule)) {
    case "DNAT": {
      const { addresses, ports } = info as NatRange;
      return {
        rule,
        addresses:
          addresses === undefined || addresses.low <= addresses.high
            ? addresses
            : { low: addresses.high, high: addresses.low },
        ports,
      };
    }
    case "REDIRECT":
      return { rule, addresses: "local", ports: (info as NatRange).ports };
    case "NETMAP":
      return { rule, addresses: addressSpan(info as MaskedAddress), ports: undefined };
    default:
      return undefined;
  }
}

/** A translation in PREROUTING itself, and the rules before it that may keep packets from it. */
interface FirstTranslation {
  readonly translation: Translation;
  readonly before: readonly HeaderMatch[];
}

/** Translations by the one address that they ask for, so that many rules and many translations stay cheap. */
class TranslationsByHost {
  readonly #hosts = new Map<Address, FirstTranslation[]>();
  readonly #others: FirstTranslation[] = [];

  constructor(translations: readonly FirstTranslation[]) {
    for (const each of translations) {
      const host = hostOf(each.translation.rule.header.destination);
      if (host === undefined) this.#others.push(each);
      else {
        const known = this.#hosts.get(host);
        if (known === undefined) this.#hosts.set(host, [each]);
        else known.push(each);
      }
    }
  }

  /** Those that may cover a rule: without an address, with a network, or with the rule's own address. */
  candidates(rule: Rule): readonly FirstTranslation[] {
    const host = hostOf(rule.header.destination);
    const own = host === undefined ? undefined : this.#hosts.get(host);
    return own === undefined ? this.#others : this.#others.length === 0 ? own : [...own, ...this.#others];
  }
}

/** The address of a test for one host, without `!`. */
function hostOf(test: AddressTest | undefined): Address | undefined {
  return isHost(test) ? test.address : undefined;
}

function firstTranslations(
  nat: TableView,
  prerouting: Chain,
  translations: readonly Translation[],
): readonly FirstTranslation[] {
  const byRule = new Map(translations.map((translation) => [translation.rule, translation]));
  const before: HeaderMatch[] = [];
  const found: FirstTranslation[] = [];
  const end = nat.endings.finalIndex(prerouting);
  for (const [index, rule] of prerouting.rules.entries()) {
    if (index > end) break;
    const translation = byRule.get(rule);
    if (translation === undefined) {
      if (mayKeep(rule, nat)) before.push(rule.header);
    } else if (rule.matches.every((use) => !isOpaque(use) && PLAIN_MATCHES.has(use.extension.name))) {
      found.push({ translation, before: before.slice() });
    }
  }
  return found;
}

/** The rule may end nat's work on a packet without translating it. */
function mayKeep(rule: Rule, nat: TableView): boolean {
  const { jump } = rule;
  if (jump === undefined) return false;
  if (jump.kind === "target") return isDeciding(jump) || targetName(rule) === "RETURN";
  if (jump.kind !== "jump") return true;
  const seen = new Set([jump.chain]);
  for (const name of seen) {
    for (const inner of nat.table.chains.get(name)?.rules ?? []) {
      const next = inner.jump;
      if (next?.kind === "jump" || next?.kind === "goto") seen.add(next.chain);
      else if (isDeciding(next) && toTranslation(inner) === undefined) return true;
    }
  }
  return false;
}

/** A rule for new connections that asks for a destination, at hooks where the answer is certain. */
function isCandidate(rule: Rule, hooks: readonly Hook[]): boolean {
  const { destination, inInterface } = rule.header;
  if ((destination === undefined || destination.invert) && destinationPorts(rule) === undefined) return false;
  if (excludesNew(rule)) return false;
  // A connection of this host to itself passes nat OUTPUT, never PREROUTING's rules, and then INPUT by way of lo.
  return !hooks.includes("INPUT") || (inInterface !== undefined && excludesInterface(inInterface, "lo"));
}

/** Whatever the rule would match, seen before the translation, is translated. */
function takesAll(
  { translation, before }: FirstTranslation,
  rule: Rule,
  nat: TableView,
  { print }: ReviewContext,
): boolean {
  const by = translation.rule;
  if (!headerCovers(by.header, rule.header)) return false;
  const covered = by.matches.every((use) => {
    if (isOpaque(use)) return false;
    if (use.extension.name === "comment") return true;
    const text = matchText(use, print);
    return rule.matches.some(
      (other) => !isOpaque(other) && (matchCovers(use, other) || matchText(other, print) === text),
    );
  });
  return covered && !nat.targets.has("?") && before.every((header) => headersDisjoint(header, rule.header));
}

/** No packet that the translation has changed matches the rule. */
function misses({ rule: by, addresses, ports }: Translation, rule: Rule, hooks: readonly Hook[]): boolean {
  if (headersDisjoint({ ...by.header, destination: undefined }, { ...rule.header, destination: undefined }))
    return true;
  const { destination } = rule.header;
  if (addresses === "local") {
    if (hooks.every((hook) => hook === "FORWARD")) return true;
  } else if (addresses === undefined) {
    if (addressesDisjoint(by.header.destination, destination)) return true;
  } else if (destination !== undefined && !destination.invert && outside(destination, addresses)) return true;
  const wanted = destinationPorts(rule);
  return ports !== undefined && wanted !== undefined && (wanted.high < ports.low || ports.high < wanted.low);
}

/** No address of the range passes the test. */
function outside(
  test: AddressTest,
  { low, high }: { readonly low: Address; readonly high: Address },
): boolean {
  if (maskBits(test.mask) === undefined) return false;
  const span = addressSpan(test);
  return span.high < low || high < span.low;
}
