/**
 * The `cgroup` match: the control group of the socket that sends or receives the packet.
 *
 *     [!] --path path                      of cgroup v2, below its root; groups below it match too
 *     [!] --cgroup number                  the class of the v1 controller net_cls
 *
 * The kernel wants exactly one of the two. The path's group must exist when the rule is loaded, which a ruleset by
 * itself cannot tell; the rule keeps that group, not its name. A packet without a full socket never matches, not even
 * under `!`. Kernel: net/netfilter/xt_cgroup.c, cgroup_mt_v2() and cgroup_mt_check_v2(), revision 2.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
import { uint32 } from "../numbers.ts";
import { refuse } from "../refusal.ts";
import { printString, string } from "../strings.ts";

export type CgroupInfo =
  | { readonly path: string; readonly classId: undefined; readonly invert: boolean }
  | { readonly path: undefined; readonly classId: number; readonly invert: boolean };

/** XT_CGROUP_PATH_MAX less the zero byte. */
const PATH_BYTES = 511;

export const cgroup = defineMatch({
  name: "cgroup",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "the control group of the packet's socket",
  hooks: ["INPUT", "OUTPUT", "POSTROUTING"],
  options: {
    "--path": optional(string(PATH_BYTES), { invertible: true, excludes: ["--cgroup"], operand: "path" }),
    "--cgroup": optional(uint32, { invertible: true, excludes: ["--path"], operand: "number" }),
  },

  build: ({ "--path": path, "--cgroup": classId }) => {
    if (path !== undefined) return ofPath(path);
    if (classId !== undefined) return ofClass(classId);
    return refuse("xt/missing-option", "it names no control group", "add --path path, or --cgroup number");
  },

  print: ({ path, classId, invert }) =>
    `${invert ? "! " : ""}${path === undefined ? `--cgroup ${classId}` : `--path ${printString(path)}`}`,

  evaluate: () => (skb) => (skb.owner === undefined ? false : "unknown"),

  symbolic: () => unknown("cgroup: which program the packet belongs to"),
});

const ofPath = ({ value, invert }: Occurrence<string>): CgroupInfo => ({
  path: value,
  classId: undefined,
  invert,
});
const ofClass = ({ value, invert }: Occurrence<number>): CgroupInfo => ({
  path: undefined,
  classId: value,
  invert,
});
