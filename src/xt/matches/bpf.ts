/**
 * The `bpf` match: a program that reads the packet from its network header and matches if it returns not 0.
 *
 *     --bytecode "count,code jt jf k[,code jt jf k...]"
 *     --object-pinned path
 *
 * Bytecode is classic BPF of at most 64 instructions, as `nfbpf_compile` or `tcpdump -ddd` write it. A pinned object
 * is an eBPF program below /sys/fs/bpf; whether it exists, only the host knows.
 * Kernel: net/netfilter/xt_bpf.c, bpf_mt_check_v1(), revision 1.
 */
import { unknown } from "../../pktset/index.ts";
import { bareWord } from "../bare-word.ts";
import { type BpfInstruction, bpfFault, runBpf } from "../classic-bpf.ts";
import { defineMatch, optional, type ValueParser } from "../contract.ts";
import { decimalNumber } from "../decimal.ts";
import { refuse } from "../refusal.ts";

export interface BpfInfo {
  /** Exactly one of the two is there. */
  readonly program: readonly BpfInstruction[] | undefined;
  readonly path: string | undefined;
}

/** XT_BPF_MAX_NUM_INSTR */
const MAX_INSTRUCTIONS = 64;
/** XT_BPF_PATH_MAX less its zero byte. */
const MAX_PATH_BYTES = 511;
const HINT = 'write the count and the instructions, as in "2,48 0 0 0,22 0 0 0"';
const BLANKS = /[ \t\n\v\f\r]+/;

function parseInstruction(text: string): BpfInstruction | undefined {
  const words = text.split(BLANKS).filter((word) => word !== "");
  const [code, jumpTrue, jumpFalse, operand] = [0xffff, 0xff, 0xff, 0xffffffff].map((max, index) =>
    decimalNumber(words[index] ?? "", 0, max),
  );
  if (words.length !== 4 || code === undefined || jumpTrue === undefined) return undefined;
  return jumpFalse === undefined || operand === undefined
    ? undefined
    : { code, jumpTrue, jumpFalse, operand };
}

const parseProgram: ValueParser<readonly BpfInstruction[]> = (text) => {
  const [head, ...rest] = text.split(",");
  const count = decimalNumber(head as string, 1, MAX_INSTRUCTIONS);
  // One comma at the end is legal.
  if (rest.at(-1) === "") rest.pop();
  if (count === undefined) {
    return refuse(
      "xt/bad-bytecode",
      `"${head}" is not a number of instructions from 1 to ${MAX_INSTRUCTIONS}`,
      HINT,
    );
  }
  if (rest.length !== count) {
    const hint = `the first number must be the count: write ${rest.length}`;
    return refuse("xt/bad-bytecode", `the program says ${count} instructions and has ${rest.length}`, hint);
  }
  const program: BpfInstruction[] = [];
  for (const item of rest) {
    const instruction = parseInstruction(item);
    if (instruction === undefined) return refuse("xt/bad-bytecode", `"${item}" is not an instruction`, HINT);
    program.push(instruction);
  }
  return program;
};

export const bpf = defineMatch({
  name: "bpf",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "a BPF program",
  options: {
    "--bytecode": optional(parseProgram, { excludes: ["--object-pinned"], operand: "program" }),
    "--object-pinned": optional(bareWord(MAX_PATH_BYTES), { operand: "path" }),
  },

  build: (given) => {
    const program = given["--bytecode"]?.value;
    const path = given["--object-pinned"]?.value;
    if (program === undefined && path === undefined) {
      return refuse("xt/missing-option", "there is no program", "add --bytecode or --object-pinned");
    }
    return { program, path } satisfies BpfInfo;
  },
  print: ({ program, path }: BpfInfo) => {
    if (program === undefined) return `--object-pinned ${path}`;
    const instructions = program.map(
      (each) => `${each.code} ${each.jumpTrue} ${each.jumpFalse} ${each.operand}`,
    );
    return `--bytecode "${program.length},${instructions.join(",")}"`;
  },

  check: ({ program }: BpfInfo) => {
    const fault = program === undefined ? undefined : bpfFault(program);
    if (fault === undefined) return undefined;
    const message = `instruction ${fault.at + 1} of the program ${fault.reason}`;
    return refuse("xt/bad-bytecode", message, "let nfbpf_compile write the program");
  },

  evaluate:
    ({ program }) =>
    (skb) =>
      program === undefined ? "unknown" : runBpf(program, skb.bytes) !== 0,

  symbolic: () => unknown("bpf: a program decides"),
});
