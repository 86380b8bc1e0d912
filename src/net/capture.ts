/** What readers of captures have in common: packets as they hand them on, what they counted, and why they stopped. */
import { findIpHeader } from "./link-layer.ts";

/** A packet of a capture. One object for all of them: what is kept beyond the call must be copied. */
export class CapturedPacket {
  /** Holds the frame; never written to. */
  bytes: Uint8Array = new Uint8Array(0);
  linkType = 0;
  /** Where the link header starts in `bytes`. */
  frameStart = 0;
  /** Where the IP header starts. */
  start = 0;
  /** Behind the last byte of the packet that was captured; link padding is left out. */
  end = 0;
  /** Bytes of the IP packet as it was on the wire; more than `end - start` if the capture cut it. */
  length = 0;
  /** Milliseconds since 1970. */
  timeMs = 0;
  /** As the capture names it; undefined where it does not. */
  interfaceName: string | undefined = undefined;
}

/** What ended the reading before the file's end. */
export interface CaptureFault {
  /** In bytes from the start of the file. */
  readonly offset: number;
  readonly message: string;
}

export interface CaptureSummary {
  /** Frames read, with those that hold no IP packet. */
  readonly frames: number;
  /** Frames without an IPv4 or IPv6 packet. */
  readonly otherFrames: number;
  /** Packets of which the capture kept only the beginning. */
  readonly cut: number;
  readonly fault: CaptureFault | undefined;
}

/** Longest packet that is believed to have been cut if its header does not say how long it is. */
const MAX_UNSTATED = 1 << 19;

/** Larger records than any link has are a sign of a broken file. */
export const MAX_RECORD = 1 << 24;

/** Counts frames, finds the IP packet in each and hands it on. */
export class FrameReader {
  readonly packet = new CapturedPacket();
  frames = 0;
  otherFrames = 0;
  cut = 0;
  readonly #each: (packet: CapturedPacket) => void;

  constructor(each: (packet: CapturedPacket) => void) {
    this.#each = each;
  }

  /** The frame from `start` to `end`, which had `wireLength` bytes on the wire; time and interface are set. */
  take(linkType: number, bytes: Uint8Array, start: number, end: number, wireLength: number): void {
    this.frames++;
    const at = findIpHeader(linkType, bytes, start, end);
    if (at < 0) {
      this.otherFrames++;
      return;
    }
    const { packet } = this;
    packet.bytes = bytes;
    packet.linkType = linkType;
    packet.frameStart = start;
    packet.start = at;
    const isIpv4 = (bytes[at] as number) >>> 4 === 4;
    const stated = isIpv4
      ? ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
      : ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number);
    // A length of 0 is what the system writes of packets that its network card will cut up, and of jumbograms.
    const onWire = Math.max(end - start, Math.min(wireLength, MAX_UNSTATED)) - (at - start);
    const unstated = stated === 0 && (isIpv4 || bytes[at + 6] === 0);
    packet.length = unstated ? onWire : isIpv4 ? stated : stated + 40;
    packet.end = Math.min(end, at + packet.length);
    if (packet.end - at < packet.length) this.cut++;
    this.#each(packet);
  }

  summary(fault: CaptureFault | undefined): CaptureSummary {
    return { frames: this.frames, otherFrames: this.otherFrames, cut: this.cut, fault };
  }
}

export const unknownLink = (linkType: number): string =>
  `link type ${linkType} is not one that is read: Ethernet, Linux cooked, raw IP and loopback are`;

/** Unsigned. */
export function read32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const a = bytes[at] as number;
  const b = bytes[at + 1] as number;
  const c = bytes[at + 2] as number;
  const d = bytes[at + 3] as number;
  return (littleEndian ? (d << 24) | (c << 16) | (b << 8) | a : (a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
