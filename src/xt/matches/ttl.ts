/**
 * The `ttl` match: the time to live of the IPv4 header.
 *
 *     [!] --ttl-eq value     also --ttl
 *     --ttl-lt value
 *     --ttl-gt value
 *
 * One of the three. `--ttl-lt 0` and `--ttl-gt 255` are legal and never hold.
 * Kernel: net/netfilter/xt_hl.c, ttl_mt(), revision 0.
 */
import { defineMatch } from "../contract.ts";
import {
  hopLimitCondition,
  hopLimitInfo,
  hopLimitOptions,
  hopLimitTest,
  printHopLimit,
} from "../hop-limit.ts";

export const ttl = defineMatch({
  name: "ttl",
  revision: 0,
  families: ["ipv4"],
  summary: "the time to live of the IPv4 header",
  options: hopLimitOptions("ttl"),

  build: (given) =>
    hopLimitInfo("ttl", { eq: given["--ttl-eq"], lt: given["--ttl-lt"], gt: given["--ttl-gt"] }),
  print: (info) => printHopLimit("ttl", info),

  evaluate: (info) => hopLimitTest(info),

  symbolic: (info) => hopLimitCondition(info),
});
