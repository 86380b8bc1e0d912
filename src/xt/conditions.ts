/** Conditions that several extensions state: ports, connection states. */
import type { Family } from "../net/index.ts";
import {
  among,
  both,
  type Condition,
  CT_STATES,
  type Effect,
  either,
  everything,
  invertible,
  is,
  normalised,
  not,
  nothing,
  unknown,
  within,
} from "../pktset/index.ts";
import type { Occurrence } from "./contract.ts";
import { CT_STATE, CT_STATE_AND_NAT } from "./ct-states.ts";
import type { Masked } from "./masked.ts";
import type { PortRange, PortTests } from "./ports.ts";
import type { SymbolicContext } from "./symbolic.ts";

/** The packet is tracked no more: what NOTRACK and CT --notrack do in raw. */
export const UNTRACK: Effect = {
  kind: "write",
  writes: [{ kind: "bits", field: "ctstate", clear: 7, flip: CT_STATES.indexOf("UNTRACKED") }],
};

const FIRST_FRAGMENT = is("fragment", 0);

/** Ports are those of whole packets and first fragments; a later fragment fails the test, not even `!` holds. */
export const withPorts = (test: Condition): Condition => both(FIRST_FRAGMENT, test);

const portCondition = (field: "sport" | "dport", test: Occurrence<PortRange> | undefined): Condition =>
  test === undefined ? both() : invertible(within(field, test.value.low, test.value.high), test.invert);

const isSingle = (test: Occurrence<PortRange> | undefined): boolean =>
  test !== undefined && test.value.low !== 0 && test.value.low === test.value.high;

/** As `modulePorts` compares them. */
export const modulePortsCondition = ({ source, destination }: PortTests): Condition =>
  withPorts(both(portCondition("sport", source), portCondition("dport", destination)));

/**
 * A test of the bytes where the transport header is, as nft makes it of any fragment: a later IPv4 fragment has there what
 * its data spell, and the fields mean just these bytes. What nft reads of a later IPv6 fragment is in no field.
 */
export const payloadTest = (test: Condition, family: Family): Condition =>
  family === "ipv4"
    ? test
    : either(
        withPorts(test),
        both(not(FIRST_FRAGMENT), unknown("nft: what a later fragment spells for ports")),
      );

/** As `payloadPorts` compares them on nft, and `modulePorts` on legacy. */
export function portsCondition(tests: PortTests, { backend, family }: SymbolicContext): Condition {
  const { source, destination } = tests;
  if (backend === "legacy") return modulePortsCondition(tests);
  const from = portCondition("sport", source);
  const to = portCondition("dport", destination);
  const joined =
    isSingle(source) && isSingle(destination) && source?.invert === true && destination?.invert === true;
  return payloadTest(joined ? either(from, to) : both(from, to), family);
}

/** A port in one of the ranges. */
export const portAmong = (field: "sport" | "dport", ports: readonly PortRange[]): Condition =>
  among(field, normalised(ports.map(({ low, high }) => [low, high])));

/** Numbers of CT_STATES by bit of `--ctstate`. */
const STATE_NUMBERS: readonly (readonly [bit: number, number: number])[] = [
  [CT_STATE.INVALID, 0],
  [CT_STATE.NEW, 1],
  [CT_STATE.ESTABLISHED, 2],
  [CT_STATE.RELATED, 3],
  [CT_STATE.UNTRACKED, 4],
];

/** The packet belongs to a connection. */
export const TRACKED: Condition = within("ctstate", 1, 3);

/** `test` of the packet's connection; a packet without one fails it, and so holds under `!`. */
export const ofConnection = (test: Condition, invert: boolean): Condition =>
  invertible(both(TRACKED, test), invert);

/** `(x & mask) === value` of what is in no field: exact only where the operands alone decide. */
export function unfieldedMask(
  { value, mask, invert }: Masked & { invert: boolean },
  reason: string,
): Condition {
  if ((value & ~mask) !== 0) return invertible(nothing, invert);
  return mask === 0 ? invertible(everything, invert) : unknown(reason);
}

/** One of the states, or a connection whose source or destination is translated. Bits of CT_STATE_AND_NAT. */
export function statesCondition({ value, invert }: Occurrence<number>): Condition {
  const states = STATE_NUMBERS.filter(([bit]) => (value & bit) !== 0).map(([, number]): [number, number] => [
    number,
    number,
  ]);
  const translated = (bit: number, status: number): readonly Condition[] =>
    (value & bit) === 0
      ? []
      : [both(TRACKED, { kind: "masked", field: "ctstatus", value: status, mask: status })];
  const any = either(
    among("ctstate", normalised(states)),
    ...translated(CT_STATE_AND_NAT.SNAT, 16),
    ...translated(CT_STATE_AND_NAT.DNAT, 32),
  );
  return invert ? not(any) : any;
}
