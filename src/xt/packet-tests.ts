/** Tests of addresses and ports in packets that several extensions make. */
import {
  type Address,
  type AddressWords,
  get16,
  type MaskedAddress,
  readWords,
  toWords,
} from "../net/index.ts";
import type { Occurrence } from "./contract.ts";
import type { MatchOutcome } from "./evaluation.ts";
import type { PortRange, PortTests } from "./ports.ts";
import type { Skb, TupleView } from "./skb.ts";

export const sourceOf = ({ family, bytes }: Skb): AddressWords =>
  readWords(family, bytes, family === "ipv4" ? 12 : 8);
export const destinationOf = ({ family, bytes }: Skb): AddressWords =>
  readWords(family, bytes, family === "ipv4" ? 16 : 24);

export const tupleSource = ({ s0, s1, s2, s3 }: TupleView): AddressWords => ({
  w0: s0,
  w1: s1,
  w2: s2,
  w3: s3,
});
export const tupleDestination = ({ d0, d1, d2, d3 }: TupleView): AddressWords => ({
  w0: d0,
  w1: d1,
  w2: d2,
  w3: d3,
});

/** `address & mask === test`, inverted if the option was. */
export function maskTest({ value, invert }: Occurrence<MaskedAddress>): (words: AddressWords) => boolean {
  const mask = toWords(value.mask);
  const want = maskedWords(toWords(value.address), mask);
  return ({ w0, w1, w2, w3 }) =>
    ((w3 & mask.w3) === want.w3 &&
      (w2 & mask.w2) === want.w2 &&
      (w1 & mask.w1) === want.w1 &&
      (w0 & mask.w0) === want.w0) !== invert;
}

/** Order of addresses as unsigned numbers. */
export function compareWords(a: AddressWords, b: AddressWords): number {
  const by = (x: number, y: number): number => (x >>> 0) - (y >>> 0);
  return by(a.w0, b.w0) || by(a.w1, b.w1) || by(a.w2, b.w2) || by(a.w3, b.w3);
}

export function rangeTest(low: Address, high: Address, invert: boolean): (words: AddressWords) => boolean {
  const from = toWords(low);
  const to = toWords(high);
  return (words) => (compareWords(words, from) >= 0 && compareWords(words, to) <= 0) !== invert;
}

export const maskedWords = ({ w0, w1, w2, w3 }: AddressWords, mask: AddressWords): AddressWords => ({
  w0: w0 & mask.w0,
  w1: w1 & mask.w1,
  w2: w2 & mask.w2,
  w3: w3 & mask.w3,
});

/** A Map key for an address. */
export const addressKey = ({ w0, w1, w2, w3 }: AddressWords): string => `${w0},${w1},${w2},${w3}`;

/** Whether a test of an option holds; an absent option holds. */
export const portHolds = (test: Occurrence<PortRange> | undefined, port: number): boolean =>
  test === undefined || (port >= test.value.low && port <= test.value.high) !== test.invert;

/**
 * Ports as the kernel's own matches compare them: a later fragment has none and never matches, not even under `!`; a
 * header shorter than `headerLength` is dropped on the spot.
 */
export function modulePorts(skb: Skb, tests: PortTests, headerLength: number): MatchOutcome {
  if (skb.fragmentOffset !== 0) return false;
  if (!skb.hasTransport(headerLength)) return "hotdrop";
  const { bytes, transport } = skb;
  return (
    portHolds(tests.source, get16(bytes, transport)) &&
    portHolds(tests.destination, get16(bytes, transport + 2))
  );
}

/** Where nftables takes the transport header to begin: in a later IPv6 fragment at the packet's start. Kernel: nft_set_pktinfo_ipv6(). */
export const payloadTransport = ({ family, fragmentOffset, transport }: Skb): number =>
  family === "ipv6" && fragmentOffset !== 0 ? 0 : transport;

const isSingle = (test: Occurrence<PortRange> | undefined): test is Occurrence<PortRange> =>
  test !== undefined && test.value.low !== 0 && test.value.low === test.value.high;

/**
 * Ports as nftables compares them: a header that is too short for the field fails the test. iptables-nft joins two
 * single ports with the same inversion into one comparison, so that `! --sport 1 ! --dport 2` means "not both". A later
 * fragment that nobody put together has the ports that its data spell. Kernel: nft_payload_fast_eval().
 */
export function payloadPorts(skb: Skb, { source, destination }: PortTests): boolean {
  const { bytes } = skb;
  const transport = payloadTransport(skb);
  if (isSingle(source) && isSingle(destination) && source.invert === destination.invert) {
    if (bytes.length < transport + 4) return false;
    const both =
      get16(bytes, transport) === source.value.low && get16(bytes, transport + 2) === destination.value.low;
    return both !== source.invert;
  }
  if (source !== undefined && (bytes.length < transport + 2 || !portHolds(source, get16(bytes, transport))))
    return false;
  return (
    destination === undefined ||
    (bytes.length >= transport + 4 && portHolds(destination, get16(bytes, transport + 2)))
  );
}
