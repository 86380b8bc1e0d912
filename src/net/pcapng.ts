/**
 * Captures in the pcapng format: sections of either byte order, several interfaces each with its own link type and clock,
 * and packets in enhanced, simple and (obsolete) packet blocks. Other blocks are passed over.
 * Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.4 and appendix A.
 */
import type { ByteStream } from "./byte-stream.ts";
import { type CaptureFault, type FrameReader, MAX_RECORD, read32, unknownLink } from "./capture.ts";
import { isKnownLinkType } from "./link-layer.ts";

const BLOCK = { SECTION: 0x0a0d0d0a, INTERFACE: 1, PACKET: 2, SIMPLE: 3, ENHANCED: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION = { NAME: 2, TIME_RESOLUTION: 9, TIME_OFFSET: 14 } as const;

interface CaptureInterface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly name: string | undefined;
  readonly msPerUnit: number;
  readonly offsetMs: number;
}

export function readPcapng(stream: ByteStream, frames: FrameReader): CaptureFault | undefined {
  const fault = (message: string, beyond = 0): CaptureFault => ({ offset: stream.offset + beyond, message });
  let littleEndian = true;
  let interfaces: CaptureInterface[] = [];
  const { packet } = frames;
  for (;;) {
    if (!stream.need(12))
      return stream.available === 0 ? undefined : fault("the file ends inside a block's header");
    // The section's own mark reads the same in both byte orders.
    const isSection = read32(stream.bytes, stream.at, true) === BLOCK.SECTION;
    if (isSection) {
      littleEndian = read32(stream.bytes, stream.at + 8, true) === BYTE_ORDER_MAGIC;
      if (!littleEndian && read32(stream.bytes, stream.at + 8, false) !== BYTE_ORDER_MAGIC)
        return fault("a section without its byte-order mark", 8);
      interfaces = [];
    }
    const order = littleEndian;
    const type = read32(stream.bytes, stream.at, order);
    const length = read32(stream.bytes, stream.at + 4, order);
    if (length < 12 || length % 4 !== 0)
      return fault(`a block of ${length} bytes: the file is broken here`, 4);
    const least = LEAST_LENGTH.get(type);
    if (least === undefined || isSection) {
      const { offset } = stream;
      if (!stream.skip(length)) return { offset, message: "the file ends inside a block" };
      continue;
    }
    if (length > MAX_RECORD) return fault(`a block of ${length} bytes: the file is broken here`, 4);
    if (length < least) return fault(`a block of type ${type} with only ${length} bytes`, 4);
    if (!stream.need(length)) return fault("the file ends inside a block");
    const { bytes, at } = stream;
    if (read32(bytes, at + length - 4, order) !== length)
      return fault("a block whose two lengths differ: the file is broken here", length - 4);
    if (type === BLOCK.INTERFACE) {
      const found = readInterface(bytes, at, length, order);
      if (!isKnownLinkType(found.linkType)) return fault(unknownLink(found.linkType), 8);
      interfaces.push(found);
      stream.at += length;
      continue;
    }
    const number =
      type === BLOCK.ENHANCED
        ? read32(bytes, at + 8, order)
        : type === BLOCK.PACKET
          ? read16(bytes, at + 8, order)
          : 0;
    const from = interfaces[number];
    if (from === undefined)
      return fault(`a packet of interface ${number}, which the section does not have`, 8);
    const simple = type === BLOCK.SIMPLE;
    const data = at + (simple ? 12 : 28);
    const room = at + length - 4 - data;
    const wire = read32(bytes, at + (simple ? 8 : 24), order);
    const captured = simple
      ? Math.min(wire, room, from.snapLength === 0 ? room : from.snapLength)
      : read32(bytes, at + 20, order);
    if (captured > room) return fault(`a packet of ${captured} bytes in a block of ${length}`, 20);
    if (!simple) {
      const units = read32(bytes, at + 12, order) * 2 ** 32 + read32(bytes, at + 16, order);
      packet.timeMs = units * from.msPerUnit + from.offsetMs;
    }
    packet.interfaceName = from.name;
    frames.take(from.linkType, bytes, data, data + captured, wire);
    stream.at += length;
  }
}

/** Blocks that are read, and how long each is without data. */
const LEAST_LENGTH: ReadonlyMap<number, number> = new Map([
  [BLOCK.SECTION, 28],
  [BLOCK.INTERFACE, 20],
  [BLOCK.PACKET, 32],
  [BLOCK.SIMPLE, 16],
  [BLOCK.ENHANCED, 32],
]);

const read16 = (bytes: Uint8Array, at: number, littleEndian: boolean): number =>
  littleEndian
    ? (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    : ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

function readInterface(bytes: Uint8Array, at: number, length: number, order: boolean): CaptureInterface {
  let name: string | undefined;
  let msPerUnit = 1e-3;
  let offsetMs = 0;
  const end = at + length - 4;
  for (let option = at + 16; option + 4 <= end; ) {
    const code = read16(bytes, option, order);
    const size = read16(bytes, option + 2, order);
    const value = option + 4;
    if (code === 0 || value + size > end) break;
    if (code === OPTION.NAME) name = new TextDecoder().decode(bytes.subarray(value, value + size));
    else if (code === OPTION.TIME_RESOLUTION && size >= 1) {
      const resolution = bytes[value] as number;
      // The highest bit chooses between powers of two and of ten.
      msPerUnit = 1000 * (resolution & 0x80 ? 2 : 10) ** -(resolution & 0x7f);
    } else if (code === OPTION.TIME_OFFSET && size >= 8) {
      const low = read32(bytes, value + (order ? 0 : 4), order);
      const high = read32(bytes, value + (order ? 4 : 0), order) | 0;
      offsetMs = (high * 2 ** 32 + low) * 1000;
    }
    option = value + ((size + 3) & ~3);
  }
  return {
    linkType: read16(bytes, at + 8, order),
    snapLength: read32(bytes, at + 12, order),
    name,
    msPerUnit,
    offsetMs,
  };
}
