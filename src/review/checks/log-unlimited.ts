/** LOG, NFLOG and ULOG that a sender can make write as often as it likes. */
import type { Diagnostic } from "../../base/index.ts";
import { maskBits } from "../../net/index.ts";
import { type Chain, isOpaque, type Rule } from "../../ruleset/index.ts";
import {
  type Check,
  finding,
  likewise,
  liveChains,
  quotedNotes,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import { isLimiting, targetName } from "../extension-facts.ts";
import { isBlindInNat, isUnconditional } from "../matches.ts";
import { quoteRule } from "../rule-text.ts";

const LOGGING: ReadonlySet<string> = new Set(["LOG", "NFLOG", "ULOG"]);
/** Tests that only known senders pass. */
const KNOWN_SENDERS: ReadonlySet<string> = new Set(["mac", "owner", "set", "time"]);

/** Tests of what any sender can put into a packet, or is in every packet; others single senders out, or their packets. */
const ANYONES: ReadonlySet<string> = new Set([
  "ah",
  "comment",
  "conntrack",
  "dccp",
  "dscp",
  "ecn",
  "esp",
  "icmp",
  "icmp6",
  "length",
  "multiport",
  "sctp",
  "state",
  "tcp",
  "tcpmss",
  "tos",
  "ttl",
  "udp",
  "udplite",
]);

/** How many can trigger a rule: anyone, anyone for one service or a wide network, or a known few. */
type Width = "anyone" | "many" | "few";
const ORDER: readonly Width[] = ["anyone", "many", "few"];

export const logUnlimited: Check = {
  codes: ["log/unlimited"],
  title: "logging without a rate limit",
  run: (_ruleset, context) => {
    const paths = new Map<TableView, Paths>();
    const diagnostics: Diagnostic[] = [];
    for (const { view, chain, hooks, rules } of liveChains(context)) {
      const hot: { readonly rule: Rule; readonly width: Width }[] = [];
      let limitedAbove = false;
      const isDead = deadRules(view, chain);
      for (const [index, rule] of rules.entries()) {
        // `-m hashlimit --hashlimit-above 5/min -j RETURN` in front limits what comes behind.
        if (LOGGING.has(targetName(rule) ?? "") && !limitedAbove && !isLimiting(rule) && !isDead(index)) {
          const known = paths.get(view) ?? new Paths(view);
          paths.set(view, known);
          const width = known.limited(chain) ? "few" : narrower(widthOf(rule), known.width(chain));
          if (width !== "few") hot.push({ rule, width });
        }
        if (isLimiting(rule) && view.endings.isFinalFor(rule)) limitedAbove = true;
      }
      if (hot.length > 0)
        diagnostics.push(report({ chain, hot, local: hooks.every((hook) => hook === "OUTPUT"), context }));
    }
    return diagnostics;
  },
};

/** Whether a rule of the chain never sees a packet, so that nobody can make it log; worked out when first asked. */
function deadRules(view: TableView, chain: Chain): (index: number) => boolean {
  let covered: ReadonlySet<number> | undefined;
  return (index) => {
    covered ??= new Set(view.covered(chain).map((rule) => rule.index));
    return covered.has(index) || (view.table.name === "nat" && isBlindInNat(chain.rules[index] as Rule));
  };
}

interface Hot {
  readonly chain: Chain;
  readonly hot: readonly { readonly rule: Rule; readonly width: Width }[];
  /** Only this host's own packets come here. */
  readonly local: boolean;
  readonly context: ReviewContext;
}

function report({ chain, hot, local, context }: Hot): Diagnostic {
  const widest = hot.find(({ width }) => width === "anyone") ?? hot[0];
  const { rule, width } = widest as Hot["hot"][number];
  const target = targetName(rule);
  const rest = hot.filter((each) => each.rule !== rule);
  const who = local
    ? "a program of this host"
    : width === "anyone"
      ? "anyone who can send a packet here"
      : "anyone who can send a packet that fits";
  const cost =
    target === "LOG"
      ? "the kernel writes a line for each, to the console too if it shows that level"
      : "each is handed to a program";
  return finding({
    code: "log/unlimited",
    severity: width === "anyone" && !local && target === "LOG" ? "warning" : "note",
    message: `${quoteRule(rule, context.print)} logs without a limit: ${who} can fill the log, and ${cost}${likewise(rest.length, chain)}`,
    span: rule.span,
    hint: 'add "-m limit --limit 10/min --limit-burst 20", or "-m hashlimit" to count by sender',
    notes: quotedNotes(
      rest.map((each) => each.rule),
      context.print,
    ),
  });
}

function narrower(one: Width, other: Width): Width {
  return ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;
}

function wider(one: Width, other: Width): Width {
  return ORDER.indexOf(one) < ORDER.indexOf(other) ? one : other;
}

function widthOf(rule: Rule): Width {
  const { source, inInterface, protocol } = rule.header;
  if (inInterface?.name === "lo" && !inInterface.invert) return "few";
  if (rule.matches.some((use) => isOpaque(use) || KNOWN_SENDERS.has(use.extension.name))) return "few";
  if (source !== undefined && !source.invert) {
    const bits = maskBits(source.mask) ?? 0;
    return bits >= (typeof source.mask === "number" ? 24 : 64) ? "few" : "many";
  }
  const { destination } = rule.header;
  if (isUnconditional(rule)) return "anyone";
  const narrow =
    (destination !== undefined && !destination.invert) ||
    (protocol !== undefined && !protocol.invert && rule.matches.length > 0) ||
    rule.matches.some((use) => !isOpaque(use) && !ANYONES.has(use.extension.name));
  return narrow ? "many" : "anyone";
}

/** What the jumps that lead to a chain let through. */
class Paths {
  readonly #view: TableView;
  readonly #limited = new Map<string, boolean>();
  readonly #widths = new Map<string, Width>();

  constructor(view: TableView) {
    this.#view = view;
  }

  /** Whoever comes into the chain has passed a limit. */
  limited(chain: Chain): boolean {
    const known = this.#limited.get(chain.name);
    if (known !== undefined) return known;
    const jumps = this.#jumps(chain);
    this.#limited.set(chain.name, true);
    const all = jumps.length > 0 && jumps.every(({ rule, from }) => isLimiting(rule) || this.limited(from));
    this.#limited.set(chain.name, all);
    return all;
  }

  width(chain: Chain): Width {
    const known = this.#widths.get(chain.name);
    if (known !== undefined) return known;
    const jumps = this.#jumps(chain);
    this.#widths.set(chain.name, "few");
    const width =
      jumps.length === 0
        ? "anyone"
        : jumps.map(({ rule, from }) => narrower(widthOf(rule), this.width(from))).reduce(wider);
    this.#widths.set(chain.name, width);
    return width;
  }

  #jumps(chain: Chain) {
    return (this.#view.jumpsTo.get(chain.name) ?? []).filter(
      ({ from }) => (this.#view.hooks.get(from.name) ?? []).length > 0,
    );
  }
}
