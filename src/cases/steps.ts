/** Steps of a case: a packet's bytes and how it comes, or a command. */
import type { Diagnostic } from "../base/index.ts";
import { fromHex } from "../net/index.ts";
import { buildPacket } from "./build-packet.ts";
import type { CaseFile, CaseStep } from "./case-file.ts";
import { badField, type CaseText } from "./case-text.ts";

/** A step, ready to be run. */
export type Step =
  | { readonly kind: "command"; readonly command: string; readonly delayMs: number }
  | {
      readonly kind: "packet";
      readonly id: string | number;
      readonly device: string | undefined;
      readonly bytes: Uint8Array;
      readonly delayMs: number;
      readonly sourceMac: Uint8Array;
      readonly destinationMac: Uint8Array | undefined;
    };

export const parseMac = (text: string): Uint8Array =>
  Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16));
const WORLD_MAC = "02:00:00:00:00:aa";

/** All steps of a case, or what is wrong with them. */
export function readSteps(
  text: CaseText,
  file: CaseFile,
): { steps: readonly Step[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const steps = file.packets.flatMap((step, at): Step[] => {
    const read = readStep(step, at, file);
    if (typeof read !== "string") return [read];
    diagnostics.push(badField(text, ["packets", at], read));
    return [];
  });
  return { steps, diagnostics };
}

/** @returns the step, or what is wrong with it. */
export function readStep(step: CaseStep, at: number, file: CaseFile): Step | string {
  const delayMs = step.delay_ms ?? 0;
  const said = (["cmd", "pkt", "hex"] as const).filter((field) => step[field] !== undefined);
  if (said.length > 1) return `${said.join(" and ")} exclude each other`;
  if (step.cmd !== undefined) return { kind: "command", command: step.cmd, delayMs };
  if (step.in !== undefined && step.out === true)
    return '"in" and "out" exclude each other: it comes in, or the host sends it';
  let bytes = stepBytes(step);
  if (typeof bytes === "string") return bytes;
  const device = step.out === true ? undefined : step.in;
  if (step.out !== true && device === undefined)
    return 'say where it comes from: "in": "eth0", or "out": true';
  if (device !== undefined && !Object.hasOwn(file.dut.ifaces, device))
    return `there is no interface "${device}"`;
  let destinationMac = step.dmac === undefined ? undefined : parseMac(step.dmac);
  let sourceMac = parseMac(step.smac ?? WORLD_MAC);
  if (step.frame === true) {
    if (bytes.length < 14) return "a frame has at least 14 bytes";
    destinationMac = bytes.slice(0, 6);
    sourceMac = bytes.slice(6, 12);
    bytes = bytes.slice(14);
  }
  return { kind: "packet", id: step.id ?? at, device, bytes, delayMs, sourceMac, destinationMac };
}

/** An IPv6 header with all that its payload length can say. */
const MOST = 40 + 65_535;

/** The bytes that a step sends, or what is wrong with them. */
export function stepBytes({ hex, pkt }: CaseStep): Uint8Array | string {
  if (hex !== undefined) {
    const bytes = fromHex(hex);
    if (bytes === undefined) return "hex: pairs of hexadecimal digits are wanted";
    return bytes.length > MOST ? `hex: ${bytes.length} bytes; no IP packet is longer than ${MOST}` : bytes;
  }
  return pkt === undefined ? "a packet needs pkt or hex, a command cmd" : buildPacket(pkt);
}
