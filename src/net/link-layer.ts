/** Where the IP packet begins in a captured frame, by link type. Numbers: the LINKTYPE registry of the pcap formats. */
import { get16 } from "./bytes.ts";

export const LINK_TYPE = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

/** Raw IP as some systems number it in their own files. */
const OTHER_RAW: ReadonlySet<number> = new Set([12, 14]);

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad, and what older switches wrote for the outer tag. */
const isVlanTag = (type: number): boolean => type === 0x8100 || type === 0x88a8 || type === 0x9100;

const KNOWN: ReadonlySet<number> = new Set([...Object.values(LINK_TYPE), ...OTHER_RAW]);

export const isKnownLinkType = (type: number): boolean => KNOWN.has(type);

/** Length of the link header before its addresses and type are all there; 0 for raw IP. */
function typedHeader(linkType: number): { readonly length: number; readonly typeAt: number } | undefined {
  switch (linkType) {
    case LINK_TYPE.ETHERNET:
      return { length: 14, typeAt: 12 };
    case LINK_TYPE.LINUX_SLL:
      return { length: 16, typeAt: 14 };
    case LINK_TYPE.LINUX_SLL2:
      return { length: 20, typeAt: 0 };
    default:
      return undefined;
  }
}

/**
 * Where the IP header stands in the frame from `start` to `end`.
 * @returns -1 if the frame holds no IP packet, or ends before its fixed header does.
 */
export function findIpHeader(linkType: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const header = linkType === LINK_TYPE.ETHERNET ? ETHERNET : typedHeader(linkType);
  if (header !== undefined) {
    if (end - start < header.length) return -1;
    let type = get16(bytes, start + header.typeAt);
    at = start + header.length;
    while (isVlanTag(type)) {
      if (end - at < 4) return -1;
      type = get16(bytes, at + 2);
      at += 4;
    }
    if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_IPV6) return -1;
  } else if (linkType === LINK_TYPE.NULL || linkType === LINK_TYPE.LOOP) at += 4;
  if (at >= end) return -1;
  const version = (bytes[at] as number) >>> 4;
  if (version === 4) return end - at >= 20 ? at : -1;
  return version === 6 && end - at >= 40 ? at : -1;
}

const ETHERNET = { length: 14, typeAt: 12 } as const;

/** Where the sender's six-byte link address stands; -1 if the link has none. */
export function findSourceMac(linkType: number, bytes: Uint8Array, start: number): number {
  if (linkType === LINK_TYPE.ETHERNET) return start + 6;
  if (linkType === LINK_TYPE.LINUX_SLL) return get16(bytes, start + 4) === 6 ? start + 6 : -1;
  if (linkType === LINK_TYPE.LINUX_SLL2) return bytes[start + 11] === 6 ? start + 12 : -1;
  return -1;
}

export type FrameType = "host" | "broadcast" | "multicast" | "otherhost" | "outgoing";

const SLL_TYPES: readonly FrameType[] = ["host", "broadcast", "multicast", "otherhost", "outgoing"];

/** For whom the frame was, as far as the link header tells. */
export function frameType(linkType: number, bytes: Uint8Array, start: number): FrameType {
  switch (linkType) {
    case LINK_TYPE.ETHERNET: {
      if (((bytes[start] as number) & 1) === 0) return "host";
      for (let at = start; at < start + 6; at++) if (bytes[at] !== 0xff) return "multicast";
      return "broadcast";
    }
    case LINK_TYPE.LINUX_SLL:
      return SLL_TYPES[get16(bytes, start)] ?? "host";
    case LINK_TYPE.LINUX_SLL2:
      return SLL_TYPES[bytes[start + 10] as number] ?? "host";
    default:
      return "host";
  }
}
