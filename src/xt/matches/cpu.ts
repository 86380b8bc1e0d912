/**
 * The `cpu` match: which processor handles the packet.
 *
 *     [!] --cpu number                     from 0
 *
 * A number that the machine does not have is legal and never matches.
 * Kernel: net/netfilter/xt_cpu.c, cpu_mt(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { uint32 } from "../numbers.ts";

export interface CpuInfo {
  readonly cpu: number;
  readonly invert: boolean;
}

export const cpu = defineMatch({
  name: "cpu",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the processor that handles the packet",
  options: { "--cpu": required(uint32, { invertible: true, operand: "number" }) },

  build: ({ "--cpu": { value, invert } }): CpuInfo => ({ cpu: value, invert }),
  print: (info) => `${info.invert ? "! " : ""}--cpu ${info.cpu}`,

  evaluate: () => () => "unknown",

  symbolic: () => unknown("cpu: which processor handles the packet"),
});
