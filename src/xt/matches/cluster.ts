/**
 * The `cluster` match: whether this node is the one of its cluster that shall handle the packet's connection.
 *
 *     --cluster-total-nodes number         1 to 32
 *     [!] --cluster-local-node number      1 to 32, counted from 1
 *     [!] --cluster-local-nodemask mask    a bit for each node that is this one
 *     --cluster-hash-seed number
 *
 * The source address of the connection, or of its master, is hashed to a node. A packet without a connection never
 * matches, and one to a multicast MAC address passes as one to this host. iptables lists every rule by its node mask, but by a slip
 * reads masks only up to 32, so that it cannot load the listing of a rule for node 7; Postern reads all masks.
 * Kernel: net/netfilter/xt_cluster.c, xt_cluster_mt() and xt_cluster_mt_checkentry(), revision 0.
 */

import { byteSwapped, jhash2, scaleHash } from "../../net/index.ts";
import { both, unknown } from "../../pktset/index.ts";
import { TRACKED } from "../conditions.ts";
import { defineMatch, optional, required } from "../contract.ts";
import { uint, uint32 } from "../numbers.ts";
import { refuse, refuseOption } from "../refusal.ts";

export interface ClusterInfo {
  readonly totalNodes: number;
  /** Bit 0 is node 1. */
  readonly nodeMask: number;
  readonly invert: boolean;
  readonly hashSeed: number;
}

/** XT_CLUSTER_NODES_MAX. */
const MAX_NODES = 32;

const hex8 = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

export const cluster = defineMatch({
  name: "cluster",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "whether this node of a cluster handles the packet's connection",
  options: {
    "--cluster-total-nodes": required(uint(1, MAX_NODES), { operand: "number" }),
    "--cluster-local-node": optional(uint(1, MAX_NODES), {
      invertible: true,
      excludes: ["--cluster-local-nodemask"],
      operand: "number",
    }),
    "--cluster-local-nodemask": optional(uint(1, 0xffffffff), {
      invertible: true,
      excludes: ["--cluster-local-node"],
      operand: "mask",
    }),
    "--cluster-hash-seed": required(uint32, { operand: "number" }),
  },

  build: ({
    "--cluster-total-nodes": { value: totalNodes },
    "--cluster-local-node": node,
    "--cluster-local-nodemask": mask,
    "--cluster-hash-seed": seed,
  }) => {
    const local = node ?? mask;
    if (local === undefined)
      return refuse(
        "xt/missing-option",
        "it does not say which node this is",
        "add --cluster-local-node number",
      );
    const nodeMask = node === undefined ? local.value : 2 ** (node.value - 1);
    if (nodeMask >= 2 ** totalNodes) {
      const [option, message] =
        node === undefined
          ? (["--cluster-local-nodemask", `the mask ${hex8(nodeMask)} names nodes past the last`] as const)
          : (["--cluster-local-node", `there is no node ${node.value}`] as const);
      return refuseOption(
        "xt/out-of-range",
        option,
        `${message} of ${totalNodes}`,
        "raise --cluster-total-nodes",
      );
    }
    const info: ClusterInfo = { totalNodes, nodeMask, invert: local.invert, hashSeed: seed.value };
    return info;
  },

  print: ({ totalNodes, nodeMask, invert, hashSeed }) =>
    `${invert ? "! " : ""}--cluster-local-nodemask ${hex8(nodeMask)} --cluster-total-nodes ${totalNodes} --cluster-hash-seed ${hex8(hashSeed)}`,

  evaluate:
    ({ totalNodes, nodeMask, invert, hashSeed }, { family }) =>
    (skb) => {
      if (skb.ct === undefined) return false;
      const { original } = skb.ct.master ?? skb.ct;
      const { s0, s3 } = original;
      // Of an IPv6 address the kernel hashes the first word only.
      const words = [byteSwapped(family === "ipv4" ? s3 : s0)];
      const hash = jhash2(words, hashSeed);
      return ((nodeMask >>> scaleHash(hash, totalNodes)) & 1) === (invert ? 0 : 1);
    },

  symbolic: () => both(TRACKED, unknown("cluster: which node the connection hashes to")),
});
