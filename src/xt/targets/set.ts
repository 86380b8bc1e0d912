/**
 * The `SET` target: puts the packet's addresses or ports into an ipset, takes them out, or marks the packet as the set
 * says.
 *
 *     --add-set name direction[,direction…] [--exist] [--timeout seconds]
 *     --del-set name direction[,direction…]
 *     --map-set name direction[,direction…] [--map-mark] [--map-prio] [--map-queue]
 *
 * A direction is src or dst. `--exist` renews the timeout of an entry that is there already; without `--timeout` an
 * entry gets the set's own, and 0 keeps it for good. Mapping copies mark, priority or queue from an entry's skbinfo.
 * Kernel: net/netfilter/xt_set.c, set_target_v3_checkentry(), revision 3.
 */
import { defineTarget, flag, optional } from "../contract.ts";
import { type IpsetReference, ipsetReference, printIpsetReference } from "../ipset-reference.ts";
import { uint } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

export interface SetTargetInfo {
  readonly add: IpsetReference | undefined;
  readonly del: IpsetReference | undefined;
  readonly map: IpsetReference | undefined;
  readonly exist: boolean;
  /** undefined: the set's own. */
  readonly timeoutSec: number | undefined;
  readonly mapMark: boolean;
  readonly mapPriority: boolean;
  readonly mapQueue: boolean;
}

const reference = optional(ipsetReference, { words: 2, operand: "name direction[,direction…]" });
const adding = flag({ requires: ["--add-set"], repetition: "last-wins" });
const mapping = flag({ requires: ["--map-set"], repetition: "last-wins" });

export const set = defineTarget({
  name: "SET",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "change an ipset, or mark the packet as an ipset says",
  options: {
    "--add-set": reference,
    "--del-set": reference,
    "--map-set": reference,
    "--exist": adding,
    "--timeout": optional(uint(0, 0xfffffffe), {
      requires: ["--add-set"],
      repetition: "last-wins",
      operand: "seconds",
    }),
    "--map-mark": mapping,
    "--map-prio": mapping,
    "--map-queue": mapping,
  },

  build: (given): SetTargetInfo | Refusal => {
    const add = given["--add-set"]?.value;
    const del = given["--del-set"]?.value;
    const map = given["--map-set"]?.value;
    if (add === undefined && del === undefined && map === undefined)
      return refuse("xt/missing-option", "nothing is to be done", "add --add-set, --del-set or --map-set");
    const mapMark = given["--map-mark"] !== undefined;
    const mapPriority = given["--map-prio"] !== undefined;
    const mapQueue = given["--map-queue"] !== undefined;
    if (map !== undefined && !mapMark && !mapPriority && !mapQueue) {
      return refuseOption(
        "xt/missing-option",
        "--map-set",
        "--map-set does not say what to map",
        "add --map-mark, --map-prio or --map-queue",
      );
    }
    return {
      add,
      del,
      map,
      exist: given["--exist"] !== undefined,
      timeoutSec: given["--timeout"]?.value,
      mapMark,
      mapPriority,
      mapQueue,
    };
  },

  print: ({ add, del, map, exist, timeoutSec, mapMark, mapPriority, mapQueue }) => {
    const parts: string[] = [];
    if (add !== undefined) parts.push(`--add-set ${printIpsetReference(add)}`);
    if (exist) parts.push("--exist");
    if (timeoutSec !== undefined) parts.push(`--timeout ${timeoutSec}`);
    if (del !== undefined) parts.push(`--del-set ${printIpsetReference(del)}`);
    if (map !== undefined) parts.push(`--map-set ${printIpsetReference(map)}`);
    if (mapMark) parts.push("--map-mark");
    if (mapPriority) parts.push("--map-prio");
    if (mapQueue) parts.push("--map-queue");
    return parts.join(" ");
  },

  check: ({ map, mapPriority, mapQueue }, { table, hooks }) => {
    if (map === undefined) return undefined;
    if (table !== "mangle")
      return refuse(
        "xt/wrong-table",
        `--map-set works only in table mangle, not in ${table}`,
        "move the rule to table mangle",
      );
    const early = hooks.filter((hook) => hook === "PREROUTING" || hook === "INPUT");
    if ((!mapPriority && !mapQueue) || early.length === 0) return undefined;
    return refuse(
      "xt/wrong-hook",
      `--map-prio and --map-queue need a packet on its way out, and this rule is reached from ${early.join(", ")}`,
      "put it into FORWARD, OUTPUT or POSTROUTING",
    );
  },

  evaluate:
    ({ add, del, map, exist, timeoutSec, mapMark, mapPriority }, machine) =>
    (skb) => {
      if (add !== undefined) {
        const view = machine.set(add.set);
        if (view === undefined) return "unknown";
        view.add(skb, add.directions, { exist, ...(timeoutSec !== undefined && { timeoutSec }) });
      }
      if (del !== undefined) {
        const view = machine.set(del.set);
        if (view === undefined) return "unknown";
        view.remove(skb, del.directions);
      }
      if (map !== undefined) {
        const view = machine.set(map.set);
        if (view === undefined) return "unknown";
        const hit = view.test(skb, map.directions, {
          returnNomatch: false,
          updateCounters: true,
          updateSubcounters: true,
        });
        if (hit?.mark !== undefined && mapMark)
          skb.mark = ((skb.mark & ~hit.mark.mask) ^ hit.mark.value) >>> 0;
        if (hit?.priority !== undefined && mapPriority) skb.priority = hit.priority;
      }
      return "continue";
    },

  /** What the packet meets here; that later `-m set` rules then find something else in the set is for whoever reads the listing. */
  symbolic: ({ map, mapMark }) =>
    map === undefined || !mapMark
      ? { kind: "continue" }
      : {
          kind: "write",
          writes: [{ kind: "some", field: "mark", reason: `SET: the mark that ${map.set} maps to` }],
        },
});
