/**
 * The `devgroup` match: the group of an interface (`ip link set … group`).
 *
 *     [!] --src-group group[/mask]
 *     [!] --dst-group group[/mask]
 *
 * Groups are numbers. iptables also reads and prints names of /etc/iproute2/group; Postern knows only the one of
 * Debian's file, `default` for 0, so that a policy reads the same on every machine.
 * Kernel: net/netfilter/xt_devgroup.c, devgroup_mt() and devgroup_mt_checkentry(), revision 0.
 */
import { both, type Condition, everything, invertible } from "../../pktset/index.ts";
import { defineMatch, type Hook, type Occurrence, optional } from "../contract.ts";
import { type Masked, parseMasked, printMasked } from "../masked.ts";
import { Refusal, refuse } from "../refusal.ts";

export interface DevgroupInfo {
  readonly source: Occurrence<Masked> | undefined;
  readonly destination: Occurrence<Masked> | undefined;
}

const ALL_ONES = 0xffffffff;

function parseGroup(text: string): Masked | Refusal {
  if (text === "default") return { value: 0, mask: ALL_ONES };
  const group = parseMasked(text);
  if (!(group instanceof Refusal)) return group;
  return refuse(
    "xt/bad-number",
    `"${text}" is not the number of a device group, with an optional mask`,
    'write group or group/mask, such as 5 or 0x10/0xf0; the only name is "default"',
  );
}

const print = (option: string, { value, invert }: Occurrence<Masked>): string =>
  `${invert ? "! " : ""}${option} ${value.value === 0 && value.mask === ALL_ONES ? "default" : printMasked(value)}`;

const SOURCE_HOOKS: readonly Hook[] = ["PREROUTING", "INPUT", "FORWARD"];
const DESTINATION_HOOKS: readonly Hook[] = ["FORWARD", "OUTPUT", "POSTROUTING"];

function hookRefusal(option: string, legal: readonly Hook[], hooks: readonly Hook[]): Refusal | undefined {
  const wrong = hooks.find((hook) => !legal.includes(hook));
  return wrong === undefined
    ? undefined
    : refuse(
        "xt/wrong-hook",
        `${option} has no interface to look at in ${wrong}, and this rule is reached from there`,
        `put the rule where only ${legal.join(", ")} leads`,
      );
}

export const devgroup = defineMatch({
  name: "devgroup",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the group of an interface",
  options: {
    "--src-group": optional(parseGroup, { invertible: true, operand: "group[/mask]" }),
    "--dst-group": optional(parseGroup, { invertible: true, operand: "group[/mask]" }),
  },

  build: ({ "--src-group": source, "--dst-group": destination }): DevgroupInfo | Refusal =>
    source === undefined && destination === undefined
      ? refuse("xt/missing-option", "no group is tested", "add --src-group or --dst-group")
      : { source, destination },

  print: ({ source, destination }) => {
    const first = source === undefined ? "" : print("--src-group", source);
    if (destination === undefined) return first;
    return `${first}${first === "" ? "" : " "}${print("--dst-group", destination)}`;
  },

  check: ({ source, destination }, { hooks }) =>
    (source === undefined ? undefined : hookRefusal("--src-group", SOURCE_HOOKS, hooks)) ??
    (destination === undefined ? undefined : hookRefusal("--dst-group", DESTINATION_HOOKS, hooks)),

  evaluate: ({ source, destination }, machine) => {
    const holds = (test: typeof source, device: string): boolean =>
      test === undefined ||
      ((machine.deviceGroup(device) & test.value.mask) >>> 0 === test.value.value) !== test.invert;
    return ({ inDevice, outDevice }) => holds(source, inDevice) && holds(destination, outDevice);
  },

  symbolic: ({ source, destination }, context) => {
    const test = (field: "in" | "out", use: typeof source): Condition =>
      use === undefined ? everything : invertible(context.inDeviceGroup(field, use.value), use.invert);
    return both(test("in", source), test("out", destination));
  },
});
