/** Walking IPv6 extension headers as the kernel does. */
import { get16 } from "./bytes.ts";

/** Header types that stand between the IPv6 header and the transport. Kernel: ipv6_ext_hdr(). */
export function isExtensionHeader(type: number): boolean {
  return type === 0 || type === 43 || type === 44 || type === 51 || type === 59 || type === 60;
}

/** Where a walk ended. */
export interface FoundHeader {
  /** Next-header number of what was found. */
  readonly protocol: number;
  /** Its offset in bytes from the start of the IPv6 header. */
  readonly offset: number;
  /** Fragment offset in units of 8 bytes; 0 without a fragment header or in a first fragment. */
  readonly fragmentOffset: number;
  readonly hasFragmentHeader: boolean;
}

/**
 * The first header that is no extension header (`target` undefined) or the first one of type `target`. A fragment
 * header with an offset ends the walk: what follows it is payload.
 * @returns undefined if the packet ends before; "later-fragment" if the target would lie in an earlier fragment.
 * Kernel: net/ipv6/exthdrs_core.c, ipv6_find_hdr().
 */
export function findIpv6Header(
  bytes: Uint8Array,
  target?: number,
): FoundHeader | "later-fragment" | undefined {
  if (bytes.length < 40) return undefined;
  let protocol = bytes[6] as number;
  let offset = 40;
  let hasFragmentHeader = false;
  for (;;) {
    const found = protocol === target;
    if (!isExtensionHeader(protocol) || protocol === 59) {
      if (target !== undefined && !found) return undefined;
      return { protocol, offset, fragmentOffset: 0, hasFragmentHeader };
    }
    if (found && protocol !== 44) return { protocol, offset, fragmentOffset: 0, hasFragmentHeader };
    if (offset + 8 > bytes.length) return undefined;
    if (protocol === 44) {
      hasFragmentHeader = true;
      if (found)
        return { protocol, offset, fragmentOffset: get16(bytes, offset + 2) >>> 3, hasFragmentHeader };
      const fragmentOffset = get16(bytes, offset + 2) >>> 3;
      if (fragmentOffset !== 0) {
        const next = bytes[offset] as number;
        if (target === undefined && (!isExtensionHeader(next) || next === 59))
          return { protocol: next, offset: offset + 8, fragmentOffset, hasFragmentHeader };
        return "later-fragment";
      }
      protocol = bytes[offset] as number;
      offset += 8;
    } else {
      const length = bytes[offset + 1] as number;
      const size = protocol === 51 ? (length + 2) * 4 : (length + 1) * 8;
      protocol = bytes[offset] as number;
      offset += size;
    }
  }
}
