/** A trace as text for a terminal of 80 columns. */
import { LineIndex, type Span } from "../base/index.ts";
import { fromWords, printAddress } from "../net/index.ts";
import type { Assumption, Destination } from "../sim/index.ts";
import type { Change, Journey, MatchedRule, NearMiss, RuleRef, Step } from "./journey.ts";
import { type RulePlaces, reasonsOf } from "./reasons.ts";
import type { Outcome, Trace } from "./trace.ts";

/** The texts that the spans of rules and routes point into. */
export interface SourceLookup {
  text(source: string): string | undefined;
}

const WIDTH = 80;
/** By the letters that the page on packets explains. */
const SCENARIOS = {
  A: "inbound: for this host itself (A)",
  B: "forwarded: through this host (B)",
  C: "outbound: sent by this host (C)",
} as const;

export function printTrace(trace: Trace, sources: SourceLookup): string {
  const places = new Places(sources);
  const lines: string[] = [];
  const where = trace.inDevice === undefined ? "" : `, in by ${trace.inDevice}`;
  lines.push(...folded("Packet    ", `${trace.packet}${where}`));
  for (const assumed of trace.assumed) lines.push(...folded("          ", `assumed: ${assumed}`));
  lines.push(
    ...folded(
      "Scenario  ",
      trace.scenario === undefined ? "dropped before it was decided" : SCENARIOS[trace.scenario],
    ),
    "",
  );
  trace.journeys.forEach((journey, at) => {
    if (at > 0)
      lines.push(
        "",
        ...folded("", `The host itself sends (${journey.because ?? "an answer"}): ${journey.packet}`),
        "",
      );
    lines.push(...journeyLines(journey, places));
  });
  lines.push("", ...folded("Verdict   ", outcomeText(trace.outcome, places)));
  if (trace.hint !== undefined) lines.push(...folded("Hint      ", trace.hint));
  const reasons = reasonsOf(trace, places);
  if (reasons.length > 0) lines.push(...folded("Why       ", `${reasons.join("; ")}.`));
  for (const unknown of trace.unknowns) lines.push(...folded("Unknown   ", unknownText(unknown)));
  for (const { assuming, outcome } of trace.otherwise)
    lines.push(
      ...folded(
        "Otherwise ",
        `if ${assuming.map(otherwiseText).join(" and ")}: ${outcomeText(outcome, places)}`,
      ),
    );
  if (trace.reply !== undefined) {
    const { packet, outcome, journeys, asymmetric } = trace.reply;
    lines.push("", ...folded("Reply     ", packet), ...folded("          ", outcomeText(outcome, places)));
    lines.push(...decidingLines(journeys[0], places));
    if (asymmetric !== undefined)
      lines.push(
        ...folded(
          "Note      ",
          `the way back is another one: the packet came in by ${asymmetric.cameBy}, the reply leaves by ${asymmetric.leavesBy}`,
        ),
      );
  }
  for (const { rule, hook, passes } of trace.elsewhere)
    lines.push(
      "",
      ...folded(
        "Elsewhere ",
        `${places.name(rule)} would match, but ${rule.table} ${hook} is not on this packet's way: it passes ${passes.join(", ")}.`,
      ),
      ...places.quote(rule, "            "),
    );
  return `${lines.join("\n")}\n`;
}

function journeyLines({ steps }: Journey, places: Places): string[] {
  const lines: string[] = [];
  for (const step of steps) lines.push(...stepLines(step, places));
  return lines;
}

function stepLines(step: Step, places: Places): string[] {
  switch (step.kind) {
    case "hook": {
      const devices = [step.inDevice && `in ${step.inDevice}`, step.outDevice && `out ${step.outDevice}`];
      const right = devices.filter((each) => each !== "").join(", ");
      return [`${step.hook}${right.padStart(WIDTH - step.hook.length)}`];
    }
    case "table":
      return tableLines(step, places);
    case "conntrack":
      return [
        `  conntrack   ${step.state}${step.connection === undefined ? "" : ", a connection that is known"}`,
      ];
    case "translation":
      return [`  translated  ${step.changes.map(changeText).join(", ")}`];
    case "route":
      return ["ROUTING", ...routeLines(step, places)];
    case "drop":
      return [`  dropped     by ${step.by}`];
    case "discard":
      return folded("  discarded   ", step.reason);
    case "log":
      return folded("  logged      ", `"${step.text}"`);
    case "emit":
      return folded(`  out ${step.device}`.padEnd(14), step.packet);
    case "deliver":
      return folded("  delivered   ", step.packet);
  }
}

function tableLines(step: Extract<Step, { kind: "table" }>, places: Places): string[] {
  const { table, looked, matched, near, policy } = step;
  const count = `${looked} rule${looked === 1 ? "" : "s"} looked at, ${matched.length} matched`;
  const end = policy === undefined ? "" : `; policy ${policy}`;
  const lines = [`  ${table.padEnd(11)} ${looked === 0 ? "no rules" : count}${end}`];
  for (const match of matched) {
    const { rule, changes } = match;
    const said = [...changes.map(changeText), ...decisionText(match)];
    lines.push(...places.rule(rule, "    ", said.join(", ")));
  }
  if (policy === "DROP" || matched.every(({ decided }) => decided === undefined))
    for (const miss of near) lines.push(...nearLines(miss, places));
  return lines;
}

function nearLines({ rule, failed }: NearMiss, places: Places): string[] {
  return places.rule(rule, "    near: ", `but not ${failed}`);
}

/** What a rule did that ended its table: REJECT and the like are no plain DROP. */
function decisionText({ rule: { table }, decided, target, rejectWith }: MatchedRule): string[] {
  if (decided === undefined) return [];
  if (rejectWith !== undefined) return [`REJECT with ${rejectWith}`];
  const verdict = decided.toUpperCase();
  if (target === undefined || target === verdict) return [verdict];
  // What a translation comes to is told behind the table.
  return [table === "nat" && decided === "accept" ? target : `${target}: ${verdict}`];
}

/** `filter LAN 3: -m osf` as the machine names a question. */
const QUESTION = /^(\S+ \S+) (\d+): (.*)$/;

function unknownText({ what, holds }: Assumption): string {
  const [, chain, index, asked] = QUESTION.exec(what) ?? [];
  if (asked === undefined) return `${what}: taken ${holds ? "to be so" : "not to be so"}`;
  if (asked.startsWith("-m "))
    return `whether ${asked} of ${chain} #${index} holds: taken ${holds ? "to hold" : "not to hold"}`;
  return `what ${asked} of ${chain} #${index} does to the packet: taken to ${holds ? "let it pass" : "drop it"}`;
}

function otherwiseText({ what, holds }: Assumption): string {
  const [, chain, index, asked] = QUESTION.exec(what) ?? [];
  if (asked === undefined) return `${what} is ${holds ? "" : "not "}so`;
  const named = `${asked} of ${chain} #${index}`;
  if (asked.startsWith("-m ")) return `${named} ${holds ? "holds" : "does not hold"}`;
  return `${named} ${holds ? "lets it pass" : "drops it"}`;
}

const changeText = ({ what, from, to }: Change): string => `${what} ${from} -> ${to}`;

function routeLines({ destination, rule }: Extract<Step, { kind: "route" }>, places: Places): string[] {
  const lines: string[] = [];
  const { route } = destination;
  const table = route?.table ?? "local";
  if (rule !== undefined) lines.push(...folded("  rule        ", `${places.line(rule.span)}`));
  const written = route?.span === undefined ? undefined : places.line(route.span);
  lines.push(...folded("  route       ", `table ${table}: ${written ?? routeText(destination)}`));
  if (route?.span !== undefined) lines.push(`              ${places.place(route.span)}`);
  return lines;
}

function routeText({ kind, device, gateway, route }: Destination): string {
  if (kind !== "forward") return `${kind} delivery`;
  if (route === undefined) return `dev ${device}`;
  const ipv6 = route.destination.w0 !== 0 || route.destination.w1 !== 0 || route.destination.w2 !== 0;
  const family = ipv6 ? "ipv6" : "ipv4";
  const via = gateway === undefined ? "" : ` via ${printAddress(fromWords(family, gateway))}`;
  return `${printAddress(fromWords(family, route.destination))}/${route.prefixBits}${via} dev ${device} (of the device's address)`;
}

function outcomeText(outcome: Outcome, places: Places): string {
  switch (outcome.kind) {
    case "leaves": {
      const mark = outcome.mark === 0 ? "" : ` with mark 0x${outcome.mark.toString(16)}`;
      const gateway = outcome.gateway === undefined ? "" : ` to the gateway ${outcome.gateway}`;
      const pieces = outcome.pieces === 1 ? "" : `, in ${outcome.pieces} fragments`;
      return `leaves by ${outcome.device}${gateway}${mark}${pieces}, as ${outcome.packet}`;
    }
    case "delivered":
      return `delivered to this host, as ${outcome.packet}`;
    case "dropped":
      if (outcome.by === undefined) return `dropped by ${outcome.where}`;
      return outcome.rejectWith === undefined
        ? `dropped by ${places.name(outcome.by)}`
        : `rejected with ${outcome.rejectWith} by ${places.name(outcome.by)}`;
    case "discarded":
      return `discarded: ${outcome.reason}`;
    case "waits":
      return outcome.reason;
  }
}

/** Of a reply only the rules that decided. */
function decidingLines(journey: Journey | undefined, places: Places): string[] {
  const lines: string[] = [];
  for (const step of journey?.steps ?? []) {
    if (step.kind === "conntrack") lines.push(`          conntrack: ${step.state}`);
    if (step.kind === "translation")
      lines.push(`          translated: ${step.changes.map(changeText).join(", ")}`);
    if (step.kind !== "table") continue;
    for (const match of step.matched)
      if (match.decided !== undefined)
        lines.push(...places.rule(match.rule, "          ", decisionText(match).join()));
    if (step.policy === "DROP") lines.push(`          policy of ${step.table} ${step.chain}: DROP`);
  }
  return lines;
}

/** Behind `head` on the first line, behind as many blanks on the others. */
function folded(head: string, text: string): string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(head.length);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
    // A word that is longer than a line is cut: nothing leaves the terminal.
    for (; line.length > WIDTH; line = `${" ".repeat(head.length)}${line.slice(WIDTH)}`)
      lines.push(line.slice(0, WIDTH));
  }
  return [...lines, line];
}

/** Rules by their place and their text, lines of each source counted once. */
class Places implements RulePlaces {
  readonly #sources: SourceLookup;
  readonly #indexes = new Map<string, LineIndex>();

  constructor(sources: SourceLookup) {
    this.#sources = sources;
  }

  name({ table, chain, index, span }: RuleRef): string {
    return `${table} ${chain} #${index} (${this.place(span)})`;
  }

  place({ source, start }: Span): string {
    const text = this.#sources.text(source);
    if (text === undefined) return source;
    let index = this.#indexes.get(source);
    if (index === undefined) {
      index = new LineIndex(text);
      this.#indexes.set(source, index);
    }
    const name = shortened(source.slice(source.lastIndexOf("/") + 1));
    return `${name}:${index.position(start).line}`;
  }

  /** The whole line that the span begins in. */
  line({ source, start }: Span): string {
    const text = this.#sources.text(source) ?? "";
    const from = text.lastIndexOf("\n", start - 1) + 1;
    const to = text.indexOf("\n", start);
    return text
      .slice(from, to < 0 ? undefined : to)
      .trim()
      .replace(/\s+/g, " ");
  }

  quote({ span }: RuleRef, indent: string): string[] {
    return folded(indent, this.line(span));
  }

  /** Place, text and what came of it. */
  rule(rule: RuleRef, indent: string, said: string): string[] {
    const head = `${indent}${this.place(rule.span)}  `;
    const lines = folded(head, this.line(rule.span));
    if (said === "") return lines;
    return [...lines, ...folded(`${" ".repeat(indent.length)}  = `, said)];
  }
}

/** A name so long that no rule would fit beside it loses its middle. */
function shortened(name: string): string {
  const [most, kept] = [32, 14];
  return name.length <= most ? name : `${name.slice(0, kept)}...${name.slice(-kept)}`;
}
