/**
 * Classic BPF programs as the kernel accepts them: known instructions, jumps that stay inside, a return at the end,
 * and no scratch memory read that was not written before.
 * Kernel: net/core/filter.c, bpf_check_classic() and check_load_and_stores().
 */

/** `struct sock_filter`. */
export interface BpfInstruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

const RETURN = [0x06, 0x16];
/** LD and LDX from scratch memory, ST and STX to it. */
const LOAD_MEMORY = [0x60, 0x61];
const STORE_MEMORY = [0x02, 0x03];
const JUMP = 0x05;
const CONDITIONAL = [0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d];
/** LD of a word, half word or byte at a fixed place. */
const LOAD_ABSOLUTE = [0x20, 0x28, 0x30];
const DIVIDE_CONSTANT = [0x34, 0x94];
const SHIFT_CONSTANT = [0x64, 0x74];

const KNOWN: ReadonlySet<number> = new Set([
  ...[0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x94, 0xa4].flatMap((code) => [code, code + 8]),
  0x84,
  ...LOAD_ABSOLUTE,
  ...[0x40, 0x48, 0x50, 0x80, 0x81, 0xb1, 0x00, 0x01],
  ...LOAD_MEMORY,
  ...STORE_MEMORY,
  ...[0x07, 0x87],
  ...RETURN,
  JUMP,
  ...CONDITIONAL,
]);

/** SKF_AD_OFF: places from here on are not in the packet but name what the kernel knows of it, in steps of four. */
const ANCILLARY = 0xfffff000;
const ANCILLARY_LAST = ANCILLARY + 60;
const MEMORY_WORDS = 16;

/** What the kernel finds wrong with a program, and at which instruction, counted from 0; undefined if nothing. */
export function bpfFault(program: readonly BpfInstruction[]): { at: number; reason: string } | undefined {
  // Bits of the scratch words that are written on every way to an instruction.
  const written = new Array<number>(program.length).fill(0xffff);
  let here = 0;
  for (const [at, instruction] of program.entries()) {
    const { code, operand } = instruction;
    const reason = instructionFault(instruction, at, program.length);
    if (reason !== undefined) return { at, reason };
    here &= written[at] as number;
    const leadTo = (target: number): void => {
      written[target] = (written[target] as number) & here;
    };
    if (STORE_MEMORY.includes(code)) here |= 1 << operand;
    else if (LOAD_MEMORY.includes(code) && (here & (1 << operand)) === 0) {
      return { at, reason: `reads scratch word ${operand}, which is not written before` };
    } else if (code === JUMP || CONDITIONAL.includes(code)) {
      if (code === JUMP) leadTo(at + 1 + operand);
      else for (const offset of [instruction.jumpTrue, instruction.jumpFalse]) leadTo(at + 1 + offset);
      here = 0xffff;
    }
  }
  const last = program.length - 1;
  return RETURN.includes(program[last]?.code ?? -1)
    ? undefined
    : { at: last, reason: "is the last, and no return" };
}

function instructionFault(instruction: BpfInstruction, at: number, length: number): string | undefined {
  const { code, operand, jumpTrue, jumpFalse } = instruction;
  const behind = length - at - 1;
  if (!KNOWN.has(code)) return `has the unknown code ${code}`;
  if (DIVIDE_CONSTANT.includes(code) && operand === 0) return "divides by 0";
  if (SHIFT_CONSTANT.includes(code) && operand >= 32) return `shifts by ${operand}`;
  if ((LOAD_MEMORY.includes(code) || STORE_MEMORY.includes(code)) && operand >= MEMORY_WORDS) {
    return `names the scratch word ${operand}, and there are ${MEMORY_WORDS}`;
  }
  if (code === JUMP && operand >= behind) return "jumps out of the program";
  if (CONDITIONAL.includes(code) && Math.max(jumpTrue, jumpFalse) >= behind)
    return "jumps out of the program";
  if (
    LOAD_ABSOLUTE.includes(code) &&
    operand >= ANCILLARY &&
    (operand % 4 !== 0 || operand > ANCILLARY_LAST)
  ) {
    return `loads from ${operand}, which means nothing`;
  }
  return undefined;
}
