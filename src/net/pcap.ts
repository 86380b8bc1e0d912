/**
 * Captures in the classic pcap format: both byte orders, times in micro- and nanoseconds. pcapng is read in pcapng.ts; the
 * first four bytes tell them apart. A file is read in chunks, and of a broken one everything before the break.
 */
import { ByteStream } from "./byte-stream.ts";
import {
  type CapturedPacket,
  type CaptureFault,
  type CaptureSummary,
  FrameReader,
  MAX_RECORD,
  read32,
  unknownLink,
} from "./capture.ts";
import { isKnownLinkType } from "./link-layer.ts";
import { readPcapng } from "./pcapng.ts";

const MAGIC_MICRO = 0xa1b2c3d4;
const MAGIC_NANO = 0xa1b23c4d;
const PCAPNG_SECTION = 0x0a0d0d0a;

/** Reads all packets of a capture, in its order. */
export function readCapture(
  chunks: Iterable<Uint8Array>,
  each: (packet: CapturedPacket) => void,
): CaptureSummary {
  const stream = new ByteStream(chunks);
  const frames = new FrameReader(each);
  if (!stream.need(4)) {
    const empty = stream.available === 0;
    return frames.summary({ offset: 0, message: empty ? "the file is empty" : "too short to be a capture" });
  }
  const magic = read32(stream.bytes, stream.at, true);
  const swapped = read32(stream.bytes, stream.at, false);
  if (magic === PCAPNG_SECTION) return frames.summary(readPcapng(stream, frames));
  const littleEndian = magic === MAGIC_MICRO || magic === MAGIC_NANO;
  if (!littleEndian && swapped !== MAGIC_MICRO && swapped !== MAGIC_NANO) {
    const found = swapped.toString(16).padStart(8, "0");
    return frames.summary({ offset: 0, message: `not a pcap or pcapng file: it begins with 0x${found}` });
  }
  const nano = (littleEndian ? magic : swapped) === MAGIC_NANO;
  return frames.summary(readClassic(stream, frames, littleEndian, nano));
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

function readClassic(
  stream: ByteStream,
  frames: FrameReader,
  littleEndian: boolean,
  nano: boolean,
): CaptureFault | undefined {
  if (!stream.need(FILE_HEADER)) return { offset: 0, message: "the file header is cut short" };
  // The upper bits tell of a frame check sequence.
  const linkType = read32(stream.bytes, stream.at + 20, littleEndian) & 0xffff;
  if (!isKnownLinkType(linkType)) return { offset: 20, message: unknownLink(linkType) };
  stream.at += FILE_HEADER;
  const msPerUnit = nano ? 1e-6 : 1e-3;
  const { packet } = frames;
  for (;;) {
    if (!stream.need(RECORD_HEADER)) {
      if (stream.available === 0) return undefined;
      return { offset: stream.offset, message: "the file ends inside a packet's header" };
    }
    const { bytes, at } = stream;
    const captured = read32(bytes, at + 8, littleEndian);
    const wire = read32(bytes, at + 12, littleEndian);
    if (captured > MAX_RECORD)
      return { offset: stream.offset + 8, message: `a packet of ${captured} bytes: the file is broken here` };
    if (!stream.need(RECORD_HEADER + captured))
      return { offset: stream.offset, message: "the file ends inside a packet" };
    const from = stream.at + RECORD_HEADER;
    packet.timeMs =
      read32(stream.bytes, stream.at, littleEndian) * 1000 +
      read32(stream.bytes, stream.at + 4, littleEndian) * msPerUnit;
    frames.take(linkType, stream.bytes, from, from + captured, wire);
    stream.at = from + captured;
  }
}
