/**
 * The `physdev` match: the port of a bridge that a packet came in or goes out by.
 *
 *     [!] --physdev-in name
 *     [!] --physdev-out name
 *     [!] --physdev-is-in
 *     [!] --physdev-is-out
 *     [!] --physdev-is-bridged
 *
 * A name ending in `+` stands for all that begin so. A packet that no bridge handled passes only if every option is
 * negated. The way out is known in OUTPUT only for bridged packets, and the kernel refuses to ask for it otherwise.
 * Loading the match makes the kernel pass bridged packets to iptables (br_netfilter).
 * Kernel: net/netfilter/xt_physdev.c, physdev_mt() and physdev_mt_check(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { bareWord } from "../bare-word.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface PhysdevInfo {
  readonly in: Occurrence<string> | undefined;
  readonly out: Occurrence<string> | undefined;
  readonly isIn: Occurrence<true> | undefined;
  readonly isOut: Occurrence<true> | undefined;
  readonly isBridged: Occurrence<true> | undefined;
}

/** IFNAMSIZ less the terminating zero byte. */
const interfaceName = bareWord(15);

export const physdev = defineMatch({
  name: "physdev",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the port of a bridge that a packet came in or goes out by",
  options: {
    "--physdev-in": optional(interfaceName, { invertible: true, operand: "name" }),
    "--physdev-out": optional(interfaceName, { invertible: true, operand: "name" }),
    "--physdev-is-in": flag({ invertible: true }),
    "--physdev-is-out": flag({ invertible: true }),
    "--physdev-is-bridged": flag({ invertible: true }),
  },

  build: (given): PhysdevInfo | Refusal => {
    const info: PhysdevInfo = {
      in: given["--physdev-in"],
      out: given["--physdev-out"],
      isIn: given["--physdev-is-in"],
      isOut: given["--physdev-is-out"],
      isBridged: given["--physdev-is-bridged"],
    };
    if (Object.values(info).every((use) => use === undefined))
      return refuse(
        "xt/missing-option",
        "nothing is tested",
        "add --physdev-in NAME or one of the other options",
      );
    return info;
  },

  print: (info) => {
    const parts: string[] = [];
    const add = (use: Occurrence<unknown> | undefined, text: string): void => {
      if (use !== undefined) parts.push(use.invert ? `! ${text}` : text);
    };
    add(info.isIn, "--physdev-is-in");
    add(info.in, `--physdev-in ${info.in?.value}`);
    add(info.isOut, "--physdev-is-out");
    add(info.out, `--physdev-out ${info.out?.value}`);
    add(info.isBridged, "--physdev-is-bridged");
    return parts.join(" ");
  },

  check: ({ out, isOut, isBridged }, { hooks }) => {
    const bridged = isBridged !== undefined && !isBridged.invert;
    if ((out === undefined && isOut === undefined) || bridged || !hooks.includes("OUTPUT")) return undefined;
    const option = out === undefined ? "--physdev-is-out" : "--physdev-out";
    return refuse(
      "xt/wrong-hook",
      `${option} is known in OUTPUT only for bridged packets, and this rule is reached from there`,
      "add --physdev-is-bridged, or move the rule to FORWARD or POSTROUTING",
    );
  },

  evaluate:
    ({ in: inPort, out: outPort, isIn, isOut, isBridged }) =>
    () => {
      // Without a bridge there is no physical port: only tests that ask for none hold.
      const absent = (test: { readonly invert: boolean } | undefined): boolean =>
        test === undefined || test.invert;
      return absent(isIn) && absent(isOut) && absent(isBridged) && absent(inPort) && absent(outPort);
    },

  symbolic: () => unknown("physdev: the port of a bridge"),
});
