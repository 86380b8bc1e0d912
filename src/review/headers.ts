/**
 * How the header tests of two rules lie to each other: whether one covers the other, whether no packet can pass
 * both. Both answers are exact for one field and cautious for the whole: "no" may mean "not provable from here".
 */
import {
  type Address,
  addressBits,
  familyOf,
  IPV6_ALL_ONES,
  type MaskedAddress,
  maskBits,
  withMask,
} from "../net/index.ts";
import type { AddressTest, HeaderMatch, InterfaceTest, Rule } from "../ruleset/index.ts";
import type { ProtocolTest } from "../xt/index.ts";

/** `-i +` and the like test nothing; `undefined` neither. */
export function isAnyInterface(test: InterfaceTest | undefined): boolean {
  return test === undefined || (test.name === "+" && !test.invert);
}

export function isAnyAddress(test: AddressTest | undefined): boolean {
  return test === undefined || ((test.mask === 0 || test.mask === 0n) && !test.invert);
}

/** The header tests nothing: every packet passes it. */
export function isAnyHeader({
  source,
  destination,
  inInterface,
  outInterface,
  protocol,
  fragment,
}: HeaderMatch): boolean {
  return (
    protocol === undefined &&
    fragment === undefined &&
    isAnyAddress(source) &&
    isAnyAddress(destination) &&
    isAnyInterface(inInterface) &&
    isAnyInterface(outInterface)
  );
}

/** Every packet that passes `narrow` passes `wide`. */
export function headerCovers(wide: HeaderMatch, narrow: HeaderMatch): boolean {
  return (
    protocolCovers(wide.protocol, narrow.protocol) &&
    interfaceCovers(wide.inInterface, narrow.inInterface) &&
    interfaceCovers(wide.outInterface, narrow.outInterface) &&
    addressCovers(wide.source, narrow.source) &&
    addressCovers(wide.destination, narrow.destination) &&
    (wide.fragment === undefined || wide.fragment.invert === narrow.fragment?.invert)
  );
}

/** No packet passes both. */
export function headersDisjoint(one: HeaderMatch, other: HeaderMatch): boolean {
  return (
    protocolsDisjoint(one.protocol, other.protocol) ||
    interfacesDisjoint(one.inInterface, other.inInterface) ||
    interfacesDisjoint(one.outInterface, other.outInterface) ||
    addressesDisjoint(one.source, other.source) ||
    addressesDisjoint(one.destination, other.destination) ||
    (one.fragment !== undefined &&
      other.fragment !== undefined &&
      one.fragment.invert !== other.fragment.invert)
  );
}

function and(one: Address, other: Address): Address {
  return withMask(one, other);
}

/** `inner` lies within `outer`. */
export function masksContain(outer: MaskedAddress, inner: MaskedAddress): boolean {
  return and(inner.mask, outer.mask) === outer.mask && and(inner.address, outer.mask) === outer.address;
}

export function masksOverlap(one: MaskedAddress, other: MaskedAddress): boolean {
  const common = and(one.mask, other.mask);
  return and(one.address, common) === and(other.address, common);
}

export function addressCovers(wide: AddressTest | undefined, narrow: AddressTest | undefined): boolean {
  if (wide === undefined || isAnyAddress(wide)) return true;
  if (narrow === undefined) return false;
  if (!wide.invert) return !narrow.invert && masksContain(wide, narrow);
  return narrow.invert ? masksContain(narrow, wide) : !masksOverlap(wide, narrow);
}

export function addressesDisjoint(one: AddressTest | undefined, other: AddressTest | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (!one.invert && !other.invert) return !masksOverlap(one, other);
  if (one.invert && other.invert) return false;
  return one.invert ? masksContain(one, other) : masksContain(other, one);
}

/** The test wants one address and no other. */
export function isHost(test: AddressTest | undefined): test is AddressTest {
  return test !== undefined && !test.invert && maskBits(test.mask) === addressBits(familyOf(test.address));
}

/** From the first to the last address under a mask; with holes in the mask also some that are not. */
export function addressSpan({ address, mask }: MaskedAddress): {
  readonly low: Address;
  readonly high: Address;
} {
  if (typeof address === "number") return { low: address, high: (address | ~(mask as number)) >>> 0 };
  return { low: address, high: address | (IPV6_ALL_ONES ^ (mask as bigint)) };
}

/** Every name of `inner` is one of `outer`; a trailing `+` stands for any end. */
function namesContain(outer: string, inner: string): boolean {
  return outer.endsWith("+") ? inner.startsWith(outer.slice(0, -1)) : outer === inner;
}

function namesOverlap(one: string, other: string): boolean {
  return namesContain(one, other) || namesContain(other, one);
}

export function interfaceCovers(wide: InterfaceTest | undefined, narrow: InterfaceTest | undefined): boolean {
  if (wide === undefined || isAnyInterface(wide)) return true;
  if (narrow === undefined) return false;
  if (!wide.invert) return !narrow.invert && namesContain(wide.name, narrow.name);
  return narrow.invert ? namesContain(narrow.name, wide.name) : !namesOverlap(wide.name, narrow.name);
}

function interfacesDisjoint(one: InterfaceTest | undefined, other: InterfaceTest | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (!one.invert && !other.invert) return !namesOverlap(one.name, other.name);
  if (one.invert && other.invert) return false;
  return one.invert ? namesContain(one.name, other.name) : namesContain(other.name, one.name);
}

/** A packet that came in by, or leaves by, `name` cannot pass the test. */
export function excludesInterface(test: InterfaceTest | undefined, name: string): boolean {
  return test !== undefined && namesContain(test.name, name) === test.invert;
}

function protocolCovers(wide: ProtocolTest | undefined, narrow: ProtocolTest | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  if (wide.number === narrow.number) return wide.invert === narrow.invert;
  return wide.invert && !narrow.invert;
}

function protocolsDisjoint(one: ProtocolTest | undefined, other: ProtocolTest | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.number === other.number) return one.invert !== other.invert;
  return !one.invert && !other.invert;
}

/**
 * A header that tests one field only, as a key, and whether the test is negated: "-p 6", "-i eth0". Two rules with
 * one key of which one is negated take every packet between them.
 */
export function singleTest({
  header,
  matches,
}: Rule): { readonly key: string; readonly invert: boolean } | undefined {
  if (matches.length > 0) return undefined;
  const { source, destination, inInterface, outInterface, protocol, fragment } = header;
  const tests = [
    source && { key: `-s ${source.address}/${source.mask}`, invert: source.invert },
    destination && { key: `-d ${destination.address}/${destination.mask}`, invert: destination.invert },
    inInterface && { key: `-i ${inInterface.name}`, invert: inInterface.invert },
    outInterface && { key: `-o ${outInterface.name}`, invert: outInterface.invert },
    protocol && { key: `-p ${protocol.number}`, invert: protocol.invert },
    fragment && { key: "-f", invert: fragment.invert },
  ].filter((test) => test !== undefined);
  return tests.length === 1 ? tests[0] : undefined;
}

/**
 * Two headers with one negated test each: together they take every packet, since no address, interface or protocol
 * is both of what they leave out.
 */
export function excludesRest(one: HeaderMatch, other: HeaderMatch): boolean {
  const apart = <Test>(a: Test | undefined, b: Test | undefined, disjoint: (a: Test, b: Test) => boolean) =>
    a !== undefined && b !== undefined && disjoint({ ...a, invert: false }, { ...b, invert: false });
  return (
    apart(one.source, other.source, addressesDisjoint) ||
    apart(one.destination, other.destination, addressesDisjoint) ||
    apart(one.inInterface, other.inInterface, interfacesDisjoint) ||
    apart(one.outInterface, other.outInterface, interfacesDisjoint) ||
    apart(one.protocol, other.protocol, protocolsDisjoint)
  );
}

export function hasNegation({
  source,
  destination,
  inInterface,
  outInterface,
  protocol,
  fragment,
}: HeaderMatch): boolean {
  return (
    source?.invert === true ||
    destination?.invert === true ||
    inInterface?.invert === true ||
    outInterface?.invert === true ||
    protocol?.invert === true ||
    fragment?.invert === true
  );
}
