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

/**
 * Runs a program over a packet from its IP header on.
 * @returns what the program returns; 0 also for a load beyond the packet. Kernel: Documentation/networking/filter.rst.
 */
export function runBpf(program: readonly BpfInstruction[], bytes: Uint8Array): number {
  let a = 0;
  let x = 0;
  const memory = new Array<number>(16).fill(0);
  const load = (at: number, size: number): number | undefined => {
    if (at < 0 || at + size > bytes.length) return undefined;
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + (bytes[at + index] as number);
    return value;
  };
  for (let at = 0; at < program.length; at++) {
    const { code, jumpTrue, jumpFalse, operand } = program[at] as BpfInstruction;
    const source = (code & 8) === 0 ? operand : x;
    switch (code & 7) {
      case 0:
      case 1: {
        const size = (code & 0x18) === 0 ? 4 : (code & 0x18) === 8 ? 2 : 1;
        const mode = code & 0xe0;
        let value: number | undefined;
        if (mode === 0x00) value = operand;
        else if (mode === 0x20) value = load(operand, size);
        else if (mode === 0x40) value = load(x + operand, size);
        else if (mode === 0x60) value = memory[operand];
        else if (mode === 0x80) value = bytes.length;
        else value = ((bytes[operand] ?? 0) & 15) * 4;
        if (value === undefined) return 0;
        if ((code & 7) === 0) a = value;
        else x = value;
        break;
      }
      case 2:
        memory[operand] = a;
        break;
      case 3:
        memory[operand] = x;
        break;
      case 4: {
        const result = arithmetic(code & 0xf0, a, source);
        if (result === undefined) return 0;
        a = result;
        break;
      }
      case 5: {
        const kind = code & 0xf0;
        if (kind === 0) {
          at += operand;
          break;
        }
        const holds =
          kind === 0x10
            ? a === source
            : kind === 0x20
              ? a > source
              : kind === 0x30
                ? a >= source
                : (a & source) !== 0;
        at += holds ? jumpTrue : jumpFalse;
        break;
      }
      case 6:
        return (code & 0x18) === 0x10 ? a : operand;
      default:
        if ((code & 0xf8) === 0) x = a;
        else a = x;
    }
  }
  return 0;
}

/** undefined for a division by zero, which ends the program. */
function arithmetic(kind: number, a: number, b: number): number | undefined {
  switch (kind) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return b === 0 ? undefined : Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    case 0x60:
      return b > 31 ? 0 : (a << b) >>> 0;
    case 0x70:
      return b > 31 ? 0 : a >>> b;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return b === 0 ? undefined : a % b;
    default:
      return (a ^ b) >>> 0;
  }
}
