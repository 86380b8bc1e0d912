/**
 * The extension headers of an IPv6 packet, as the host that it is for takes them one after the other, and the hop-by-hop
 * options, which every host reads first. Kernel: net/ipv6/exthdrs.c, net/ipv6/reassembly.c, ip6_protocol_deliver_rcu().
 */
import { get16, get32 } from "../../net/index.ts";
import { LOCAL, reassembleIpv6 } from "../fragments.ts";
import type { Host } from "../host.ts";
import type { Packet } from "../packet.ts";
import { sendIcmpError } from "./icmp.ts";

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;

/** Codes of a parameter problem. RFC 4443 section 3.4, RFC 7112 section 5. */
const PROBLEM = { FIELD: 0, NEXT_HEADER: 1, OPTION: 2, INCOMPLETE: 3 } as const;

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const JUMBO = 194;
/** More padding at one place is refused. */
const MAX_PADDING = 7;
/** So many options may stand in one header, unless a setting says otherwise. */
const USUAL_OPTIONS = 8;

function problem(host: Host, skb: Packet, code: number, pointer: number): false {
  host.discard("a header of it is not understood", skb);
  sendIcmpError(host, skb, { type: 4, code, info: pointer });
  return false;
}

function refuse(host: Host, skb: Packet, why: string): false {
  host.discard(why, skb);
  return false;
}

/** @returns whether the packet goes on; if not, it has been answered where it must be. Kernel: ipv6_parse_hopopts(). */
export function hopByHopHolds(host: Host, skb: Packet): boolean {
  skb.hopByHop = skb.bytes[6] === HOP_BY_HOP;
  return !skb.hopByHop || optionsHold(host, skb, 40, true);
}

/** Kernel: ip6_parse_tlv(). */
function optionsHold(host: Host, skb: Packet, start: number, hopByHop: boolean): boolean {
  const { bytes } = skb;
  // A negative limit is one too, and admits no option that is unknown.
  const limit = host.sysctls.number(`net.ipv6.max_${hopByHop ? "hbh" : "dst"}_opts_number`, USUAL_OPTIONS);
  const end = start + ((bytes[start + 1] ?? 0) + 1) * 8;
  const bad = (): false => refuse(host, skb, "broken options");
  if (end > bytes.length) return bad();
  let padding = 0;
  let options = 0;
  for (let at = start + 2; at < end; ) {
    const type = bytes[at] as number;
    if (type === PAD1) {
      at++;
      if (++padding > MAX_PADDING) return bad();
      continue;
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) + 2 : end;
    if (at + length > end) return bad();
    if (type === PADN) {
      padding += length;
      if (padding > MAX_PADDING || bytes.subarray(at + 2, at + length).some((byte) => byte !== 0))
        return bad();
    } else {
      padding = 0;
      if (++options > Math.abs(limit)) return bad();
      if (!optionHolds(host, skb, at, { hopByHop, onlyKnown: limit < 0 })) return false;
    }
    at += length;
  }
  return true;
}

interface OptionsPlace {
  readonly hopByHop: boolean;
  readonly onlyKnown: boolean;
}

function optionHolds(host: Host, skb: Packet, at: number, { hopByHop, onlyKnown }: OptionsPlace): boolean {
  const { bytes } = skb;
  const type = bytes[at] as number;
  const length = bytes[at + 1] as number;
  if (hopByHop && type === ROUTER_ALERT)
    return length === 2 || refuse(host, skb, "a router alert of a wrong length");
  if (hopByHop && type === JUMBO) {
    if (length !== 4 || (at & 3) !== 2) return refuse(host, skb, "a jumbo option of a wrong length or place");
    if (get32(bytes, at + 2) >>> 0 <= 0xffff) return problem(host, skb, PROBLEM.FIELD, at + 2);
    if (get16(bytes, 4) !== 0) return problem(host, skb, PROBLEM.FIELD, at);
    return refuse(host, skb, "a jumbogram, longer than any frame");
  }
  // The two highest bits say what to do with an option that is not known. RFC 8200 section 4.2.
  const action = type >>> 6;
  if (onlyKnown) return refuse(host, skb, "an option that is not known");
  if (action === 0) return true;
  const multicast = bytes[24] === 0xff;
  if (action === 1 || (action === 3 && multicast)) return refuse(host, skb, "an option that is not known");
  return problem(host, skb, PROBLEM.OPTION, at);
}

/**
 * Takes the headers of a packet for this host up to its transport header, which is noted in the packet.
 * @returns where the transport's number stands; undefined if the packet goes no further.
 */
export function takeHeaders(host: Host, skb: Packet): number | undefined {
  let field = 6;
  let at = 40;
  // A packet is put together once. Kernel: IP6SKB_FRAGMENTED.
  let reassembled = skb.largestFragment > 0;
  const pass = (size: number): void => {
    field = at;
    at += size;
  };
  const sizeAt = (): number => ((skb.bytes[at + 1] ?? 0) + 1) * 8;
  if (skb.hopByHop) pass(sizeAt());
  if (skb.firstHeader > 0) at = skb.firstHeader;
  for (;;) {
    const type = skb.bytes[field] as number;
    switch (type) {
      case ROUTING:
        if (!routingHolds(host, skb, at, sizeAt())) return undefined;
        pass(sizeAt());
        break;
      case DESTINATION_OPTIONS:
        if (!optionsHold(host, skb, at, false)) return undefined;
        pass(sizeAt());
        break;
      case FRAGMENT: {
        if (reassembled || get16(skb.bytes, 4) === 0 || at + 8 > skb.bytes.length) {
          problem(host, skb, PROBLEM.FIELD, at);
          return undefined;
        }
        const outcome = reassembleIpv6(host, skb, at, field, LOCAL);
        if (outcome === "incomplete") problem(host, skb, PROBLEM.INCOMPLETE, 0);
        else if (outcome === "unaligned") problem(host, skb, PROBLEM.FIELD, 4);
        else if (outcome === "too-long") problem(host, skb, PROBLEM.FIELD, at + 2);
        else if (outcome === "atomic") {
          reassembled = true;
          pass(8);
          break;
        } else if (outcome === "whole") {
          reassembled = true;
          break;
        } else host.discard("a fragment that waits for others", skb);
        return undefined;
      }
      default:
        skb.transport = at;
        skb.protocol = type;
        return field;
    }
  }
}

const RPL_ROUTING = 3;
const SEGMENT_ROUTING = 4;
const TYPES_THAT_ARE_OFF: ReadonlySet<number> = new Set([RPL_ROUTING, SEGMENT_ROUTING]);

/**
 * Nothing is forwarded by a routing header: all kinds that do so are off unless a setting says otherwise. Mobile IPv6 is
 * taken to be left out of the kernel, as in that compared.
 */
function routingHolds(host: Host, skb: Packet, at: number, size: number): boolean {
  const { bytes } = skb;
  if (at + size > bytes.length) return refuse(host, skb, "a truncated routing header");
  if (skb.packetType !== "host" || bytes[24] === 0xff)
    return refuse(host, skb, "a routing header in what is not for this host alone");
  const type = bytes[at + 2] as number;
  if (TYPES_THAT_ARE_OFF.has(type)) return refuse(host, skb, "a routing header of a kind that is off");
  return bytes[at + 3] === 0 || problem(host, skb, PROBLEM.FIELD, at + 2);
}
