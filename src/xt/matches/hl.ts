/**
 * The `hl` match: the hop limit of the IPv6 header.
 *
 *     [!] --hl-eq value     also --hl
 *     --hl-lt value
 *     --hl-gt value
 *
 * One of the three. `--hl-lt 0` and `--hl-gt 255` are legal and never hold.
 * Kernel: net/netfilter/xt_hl.c, hl_mt6(), revision 0.
 */
import { defineMatch } from "../contract.ts";
import {
  hopLimitCondition,
  hopLimitInfo,
  hopLimitOptions,
  hopLimitTest,
  printHopLimit,
} from "../hop-limit.ts";

export const hl = defineMatch({
  name: "hl",
  revision: 0,
  families: ["ipv6"],
  summary: "the hop limit of the IPv6 header",
  options: hopLimitOptions("hl"),

  build: (given) => hopLimitInfo("hl", { eq: given["--hl-eq"], lt: given["--hl-lt"], gt: given["--hl-gt"] }),
  print: (info) => printHopLimit("hl", info),

  evaluate: (info) => hopLimitTest(info),

  symbolic: (info) => hopLimitCondition(info),
});
