/**
 * The hooks: what runs at each, in order of priority, both tables and the machine's own parts.
 * Source: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities.
 */

import type { Family } from "../net/index.ts";
import { NFT_SECURITY_PRIORITY, TABLE_HOOKS, TABLE_NAMES } from "../ruleset/index.ts";
import { type Backend, CT_INFO, type Hook, type TableName } from "../xt/index.ts";
import { defragment } from "./fragments.ts";
import type { Host } from "./host.ts";
import { translate } from "./nat/nat.ts";
import type { Packet } from "./packet.ts";
import { rerouteOutput } from "./routing/output-route.ts";
import { type TableVerdict, walkTable } from "./traverse.ts";

type Part = TableName | "defragmentation" | "conntrack" | "confirmation";

const OWN_PARTS: readonly {
  readonly part: Part;
  readonly hooks: readonly Hook[];
  readonly priority: number;
}[] = [
  { part: "defragmentation", hooks: ["PREROUTING", "OUTPUT"], priority: -400 },
  { part: "conntrack", hooks: ["PREROUTING", "OUTPUT"], priority: -200 },
  { part: "confirmation", hooks: ["INPUT", "POSTROUTING"], priority: Number.MAX_SAFE_INTEGER },
];

const partsAt = (backend: Backend, hook: Hook): readonly Part[] => {
  const parts: { part: Part; priority: number }[] = [];
  for (const table of TABLE_NAMES) {
    const priority = TABLE_HOOKS[table].priority[hook];
    if (priority === undefined) continue;
    const moved = backend === "nft" && table === "security";
    parts.push({ part: table, priority: moved ? NFT_SECURITY_PRIORITY : priority });
  }
  for (const { part, hooks, priority } of OWN_PARTS) if (hooks.includes(hook)) parts.push({ part, priority });
  return parts.sort((a, b) => a.priority - b.priority).map(({ part }) => part);
};

const everyHook = (backend: Backend): Readonly<Record<Hook, readonly Part[]>> => ({
  PREROUTING: partsAt(backend, "PREROUTING"),
  INPUT: partsAt(backend, "INPUT"),
  FORWARD: partsAt(backend, "FORWARD"),
  OUTPUT: partsAt(backend, "OUTPUT"),
  POSTROUTING: partsAt(backend, "POSTROUTING"),
});

/** Everything that runs at a hook, lowest priority first. */
const PARTS_AT: Readonly<Record<Backend, Readonly<Record<Hook, readonly Part[]>>>> = {
  legacy: everyHook("legacy"),
  nft: everyHook("nft"),
};

/** Runs everything at a hook. The packet may have been changed, rerouted or taken over. */
export function runHook(
  host: Host,
  skb: Packet,
  hook: Hook,
  inDevice: string,
  outDevice: string,
): TableVerdict {
  skb.hook = hook;
  skb.inDevice = inDevice;
  skb.outDevice = outDevice;
  skb.realms = skb.destination?.realms ?? 0;
  host.observer?.({ kind: "hook", hook, skb });
  for (const part of PARTS_AT[host.backend][hook]) {
    const verdict = runPart(host, skb, part);
    if (verdict !== "accept") {
      if (verdict === "drop") host.observer?.({ kind: "verdict", verdict, part, skb });
      return verdict;
    }
  }
  return "accept";
}

/** Where a packet may be taken to pass without being routed. */
export type LoneHook = "INPUT" | "FORWARD" | "OUTPUT";

/** What stands before a hook on the packet's way, and the hook itself; translation is left out. */
function loneParts(backend: Backend, hook: LoneHook): readonly (readonly [Hook, Part])[] {
  const at = (each: Hook): (readonly [Hook, Part])[] =>
    PARTS_AT[backend][each].filter((part) => part !== "nat").map((part) => [each, part]);
  if (hook === "INPUT") return [...at("PREROUTING"), ...at("INPUT")];
  return [
    ...(hook === "OUTPUT" ? at("OUTPUT") : [...at("PREROUTING"), ...at("FORWARD")]),
    ["POSTROUTING", "confirmation"],
  ];
}

interface Step {
  readonly hook: Hook;
  readonly outDevice: string;
  readonly run: (skb: Packet) => TableVerdict;
}

/**
 * The way of packets of one family through one hook of the filter as if they had been routed there: with defragmentation,
 * conntrack and the raw and mangle tables before it, without routing and translation. What the host does not have is left
 * out here and not asked again for every packet.
 */
export class HookPassage {
  readonly #steps: readonly Step[];
  readonly #inDevice: string;

  constructor(host: Host, family: Family, { hook, inDevice, outDevice, track }: LonePassage) {
    this.#inDevice = hook === "OUTPUT" ? "" : inDevice;
    this.#steps = loneParts(host.backend, hook).flatMap(([at, part]): readonly Step[] => {
      const run = stepOf(host, family, at, part, track);
      const isInward = at === "PREROUTING" || at === "INPUT";
      return run === undefined ? [] : [{ hook: at, outDevice: isInward ? "" : outDevice, run }];
    });
  }

  pass(skb: Packet): TableVerdict {
    skb.inDevice = this.#inDevice;
    const steps = this.#steps;
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as Step;
      skb.hook = step.hook;
      skb.outDevice = step.outDevice;
      const verdict = step.run(skb);
      if (verdict !== "accept") return verdict;
    }
    return "accept";
  }
}

function stepOf(
  host: Host,
  family: Family,
  hook: Hook,
  part: Part,
  track: LonePassage["track"],
): Step["run"] | undefined {
  switch (part) {
    case "defragmentation":
      return track === undefined && host.defragments[family] ? (skb) => defragment(host, skb) : undefined;
    case "conntrack":
      if (track !== undefined)
        return (skb) => {
          track(skb);
          return "accept";
        };
      return host.tracking[family] === undefined ? undefined : (skb) => runPart(host, skb, part);
    case "confirmation":
      return track !== undefined || host.tracking[family] === undefined
        ? undefined
        : (skb) => runPart(host, skb, part);
    default: {
      const chain = host.tables[family]?.chainAt(part, hook);
      return chain === undefined ? undefined : (skb) => walkTable(chain, skb, host.walk);
    }
  }
}

export interface LonePassage {
  readonly hook: LoneHook;
  readonly inDevice: string;
  readonly outDevice: string;
  /** In place of conntrack; fragments stay as they are then. */
  readonly track: ((skb: Packet) => void) | undefined;
}

function runPart(host: Host, skb: Packet, part: Part): TableVerdict {
  const tracking = host.tracking[skb.family];
  switch (part) {
    case "defragmentation":
      return host.defragments[skb.family] ? defragment(host, skb) : "accept";
    case "conntrack": {
      if (tracking === undefined) return "accept";
      const verdict = tracking.enter(skb, skb.template);
      // A template serves once: what comes in again by the loopback device is filed anew.
      skb.template = undefined;
      host.observer?.({ kind: "conntrack", skb });
      return verdict;
    }
    case "confirmation": {
      if (tracking === undefined) return "accept";
      const help = host.help(skb);
      return help === "accept" ? tracking.confirm(skb) : help;
    }
    case "nat":
      return runNat(host, skb);
    case "mangle":
      return skb.hook === "OUTPUT" ? runMangleOutput(host, skb) : walk(host, skb, part);
    default:
      return walk(host, skb, part);
  }
}

function walk(host: Host, skb: Packet, table: TableName): TableVerdict {
  const chain = host.tables[skb.family]?.chainAt(table, skb.hook);
  if (chain === undefined) return "accept";
  host.observer?.({ kind: "table", table, chain, skb });
  return walkTable(chain, skb, host.walk);
}

function runNat(host: Host, skb: Packet): TableVerdict {
  // One chain of the table is enough for addresses to be translated everywhere. Kernel: nf_nat_register_fn().
  if (host.tables[skb.family]?.hasChains("nat") !== true) return "accept";
  const tracking = host.tracking[skb.family];
  if (tracking === undefined) return "accept";
  const context = {
    table: tracking.table,
    random: (below: number, what: string, base?: number) => host.choices.random(below, what, base),
  };
  const verdict = translate(skb, context, () => walk(host, skb, "nat"));
  if (verdict !== "accept" || skb.hook !== "OUTPUT" || skb.ct === undefined) return verdict;
  const reply = skb.ctInfo === CT_INFO.ESTABLISHED_REPLY || skb.ctInfo === CT_INFO.RELATED_REPLY;
  const [own, peer] = reply ? [skb.ct.reply, skb.ct.original] : [skb.ct.original, skb.ct.reply];
  const moved = own.d3 !== peer.s3 || own.d2 !== peer.s2 || own.d1 !== peer.s1 || own.d0 !== peer.s0;
  return moved && !rerouteOutput(host, skb) ? "drop" : "accept";
}

/** What a mangle OUTPUT rule changed may change the route. Kernel: iptable_mangle.c, ipt_mangle_out(). */
function runMangleOutput(host: Host, skb: Packet): TableVerdict {
  const length = skb.family === "ipv4" ? 20 : 40;
  const before = skb.bytes.slice(0, length);
  const mark = skb.mark;
  const verdict = walk(host, skb, "mangle");
  if (verdict !== "accept" || host.tables[skb.family]?.chainAt("mangle", "OUTPUT") === undefined)
    return verdict;
  const changed = (from: number, to: number): boolean => {
    for (let at = from; at < to; at++) if (before[at] !== skb.bytes[at]) return true;
    return false;
  };
  const moved =
    mark !== skb.mark ||
    (skb.family === "ipv4" ? changed(1, 2) || changed(12, 20) : changed(0, 4) || changed(7, 40));
  return moved && !rerouteOutput(host, skb) ? "drop" : "accept";
}
