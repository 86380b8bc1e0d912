/**
 * The `ipvs` match: properties of the IPVS (load balancer) connection that a packet belongs to.
 *
 *     [!] --ipvs
 *     [!] --vproto protocol
 *     [!] --vaddr address[/mask]
 *     [!] --vport port
 *     --vdir ORIGINAL|REPLY
 *     [!] --vmethod GATE|IPIP|MASQ
 *     [!] --vportctl port
 *
 * Every option but `--ipvs` implies it, even negated; beside them it is not printed, and `! --ipvs` is refused.
 * Kernel: net/netfilter/xt_ipvs.c, ipvs_mt(), revision 0.
 */

import type { MaskedAddress } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { keywordAnyCase } from "../keywords.ts";
import { parseProtocolOperand } from "../protocols.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";
import { printResolvedHost, resolvedHostWithMask } from "../resolved-hosts.ts";
import { parseResolvedPort } from "../resolved-ports.ts";

export interface IpvsInfo {
  /** Set only where nothing else is tested. */
  readonly ipvs: Occurrence<true> | undefined;
  readonly protocol: Occurrence<number> | undefined;
  readonly address: Occurrence<MaskedAddress> | undefined;
  readonly port: Occurrence<number> | undefined;
  readonly direction: Occurrence<"ORIGINAL" | "REPLY"> | undefined;
  readonly method: Occurrence<"GATE" | "IPIP" | "MASQ"> | undefined;
  /** Port of the controlling connection, 21 for FTP. */
  readonly controlPort: Occurrence<number> | undefined;
}

export const ipvs = defineMatch({
  name: "ipvs",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "properties of the IPVS connection that a packet belongs to",
  options: {
    "--ipvs": flag({ invertible: true }),
    "--vproto": optional(parseProtocolOperand, { invertible: true, operand: "protocol" }),
    "--vaddr": optional(resolvedHostWithMask, { invertible: true, operand: "address[/mask]" }),
    "--vport": optional(parseResolvedPort, { invertible: true, operand: "port" }),
    "--vdir": optional(keywordAnyCase(["ORIGINAL", "REPLY"]), { operand: "ORIGINAL|REPLY" }),
    "--vmethod": optional(keywordAnyCase(["GATE", "IPIP", "MASQ"]), {
      invertible: true,
      operand: "GATE|IPIP|MASQ",
    }),
    "--vportctl": optional(parseResolvedPort, { invertible: true, operand: "port" }),
  },

  build: (given): IpvsInfo | Refusal => {
    const properties = {
      protocol: given["--vproto"],
      address: given["--vaddr"],
      port: given["--vport"],
      direction: given["--vdir"],
      method: given["--vmethod"],
      controlPort: given["--vportctl"],
    };
    const alone = given["--ipvs"];
    if (Object.values(properties).every((use) => use === undefined)) {
      return alone === undefined
        ? refuse("xt/missing-option", "nothing is tested", "add --ipvs or one of the other options")
        : { ipvs: alone, ...properties };
    }
    if (alone?.invert === true)
      return refuseOption(
        "xt/conflicting-options",
        "--ipvs",
        `"! --ipvs" excludes every other option`,
        "remove it",
      );
    return { ipvs: undefined, ...properties };
  },

  print: (info) => {
    const parts: string[] = [];
    const add = <T>(
      use: Occurrence<T> | undefined,
      option: string,
      operand?: (value: T) => string | number,
    ): void => {
      if (use !== undefined)
        parts.push(
          `${use.invert ? "! " : ""}${option}${operand === undefined ? "" : ` ${operand(use.value)}`}`,
        );
    };
    add(info.ipvs, "--ipvs");
    add(info.protocol, "--vproto", (number) => number);
    add(info.address, "--vaddr", printResolvedHost);
    add(info.port, "--vport", (port) => port);
    add(info.direction, "--vdir", (direction) => direction);
    add(info.method, "--vmethod", (method) => method);
    add(info.controlPort, "--vportctl", (port) => port);
    return parts.join(" ");
  },

  evaluate:
    ({ ipvs }) =>
    () =>
      ipvs?.invert === true ? true : "unknown",

  symbolic: () => unknown("ipvs: what the load balancer makes of the packet"),
});
