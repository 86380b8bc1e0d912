/**
 * The `CLUSTERIP` target: hosts share one IPv4 and one multicast Ethernet address, and each takes the connections
 * whose hash is its own.
 *
 *     --new
 *     --hashmode {sourceip|sourceip-sourceport|sourceip-sourceport-destport}
 *     --clustermac mac
 *     --total-nodes number
 *     --local-node number
 *     --hash-init number
 *
 * Without `--new` the rule joins the cluster that another rule of the same address made, and takes no other option.
 * With it all are needed but `--hash-init`, which is 0 by default and always printed. Every kernel refuses it
 * under iptables-nft, and Linux has been without it since 6.3; `cluster` took its place. Source: extensions/libipt_CLUSTERIP.c. Kernel (until 6.2):
 * net/ipv4/netfilter/ipt_CLUSTERIP.c, clusterip_tg_check(), revision 0.
 */
import { defineTarget, flag, optional, type ValueParser } from "../contract.ts";
import { type MacAddress, parseMacAddress } from "../mac-address.ts";
import { uint, uint32 } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";

const HASH_MODES = ["sourceip", "sourceip-sourceport", "sourceip-sourceport-destport"];

/** CLUSTERIP_MAX_NODES */
const node = uint(0, 16);

/** A cluster that the rule makes. */
export interface ClusteripInfo {
  readonly hashMode: string;
  readonly mac: MacAddress;
  readonly totalNodes: number;
  /** From 1. */
  readonly localNode: number;
  readonly hashInit: number;
}

const hashMode: ValueParser<string> = (text) =>
  HASH_MODES.includes(text)
    ? text
    : refuse("xt/unknown-keyword", `"${text}" is not a hash mode`, `write ${HASH_MODES.join(", ")}`);

const multicastMac: ValueParser<MacAddress> = (text) => {
  const mac = parseMacAddress(text);
  if (typeof mac !== "string" || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1) return mac;
  return refuse(
    "xt/bad-mac",
    `"${text}" is not a multicast address`,
    "make the first byte odd, such as 01:00:5e:00:00:01",
  );
};

export const clusterip = defineTarget({
  name: "CLUSTERIP",
  revision: 0,
  families: ["ipv4"],
  summary: "share an address among hosts by a hash of the connection",
  options: {
    "--new": flag(),
    "--hashmode": optional(hashMode, { operand: "mode", requires: ["--new"] }),
    "--clustermac": optional(multicastMac, { operand: "mac", requires: ["--new"] }),
    "--total-nodes": optional(node, { operand: "number", requires: ["--new"] }),
    "--local-node": optional(node, { operand: "number", requires: ["--new"] }),
    "--hash-init": optional(uint32, { operand: "number", requires: ["--new"] }),
  },

  /** "join": a cluster that another rule makes. */
  build: (given): ClusteripInfo | "join" | Refusal => {
    if (given["--new"] === undefined) return "join";
    const { "--hashmode": mode, "--clustermac": mac, "--total-nodes": total, "--local-node": local } = given;
    if (mode === undefined || mac === undefined || total === undefined || local === undefined) {
      return refuse(
        "xt/missing-option",
        "a new cluster needs all its options",
        "add --hashmode, --clustermac, --total-nodes and --local-node",
      );
    }
    return {
      hashMode: mode.value,
      mac: mac.value,
      totalNodes: total.value,
      localNode: local.value,
      hashInit: given["--hash-init"]?.value ?? 0,
    };
  },

  print: (info) =>
    info === "join"
      ? ""
      : `--new --hashmode ${info.hashMode} --clustermac ${info.mac} --total-nodes ${info.totalNodes} --local-node ${info.localNode} --hash-init ${info.hashInit}`,

  check: () =>
    refuse(
      "xt/legacy-only",
      "the kernel refuses CLUSTERIP from iptables-nft, and has had none since Linux 6.3",
      "write -m cluster with -j DROP for what is another host's",
    ),

  evaluate: () => () => "unknown-end",

  symbolic: () => ({ kind: "unknown", reason: "CLUSTERIP: one node of several takes the packet" }),
});
