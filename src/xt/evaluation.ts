/**
 * What extensions need of the machine that runs them, and what they answer. `evaluate` prepares one use of an
 * extension in one rule: what it remembers between packets (a token bucket, a counter) lives in the function that it
 * returns, what uses share by name (recent lists, rate tables) in `machine.shared`.
 */
import type { Address, AddressWords, Family } from "../net/index.ts";
import type { Skb, TupleView } from "./skb.ts";

/**
 * `hotdrop`: the packet is dropped at once, and no counter moves. `hotdrop-after`: the test holds, and the packet is dropped
 * when the rule is done. `unknown`: the model cannot say.
 */
export type MatchOutcome = boolean | "hotdrop" | "hotdrop-after" | "unknown";

export type MatchTest = (skb: Skb) => MatchOutcome;

/**
 * Where a target sends the packet. `stolen`: it ends here, taken over by the kernel. Nobody knows whether it is accepted or
 * dropped (`unknown`), or whether it goes on to the next rule or ends here (`unknown-end`).
 */
export type TargetOutcome = "continue" | "accept" | "drop" | "return" | "stolen" | "unknown" | "unknown-end";

export type TargetAction = (skb: Skb) => TargetOutcome;

export type Backend = "legacy" | "nft";

/** Kinds of address, as `ip route` names them; `addrtype` asks. */
export type AddressType =
  | "UNSPEC"
  | "UNICAST"
  | "LOCAL"
  | "BROADCAST"
  | "ANYCAST"
  | "MULTICAST"
  | "BLACKHOLE"
  | "UNREACHABLE"
  | "PROHIBIT"
  | "THROW";

/** A set's answer to one look-up. `undefined`: no such element. */
export interface SetHit {
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly priority?: number;
  readonly queue?: number;
  readonly packets?: number;
  readonly bytes?: number;
}

/** A set as matches and the SET target use it; directions as `--match-set NAME src,dst` gives them. */
export interface SetView {
  test(skb: Skb, directions: readonly ("src" | "dst")[], options: SetLookup): SetHit | undefined;
  add(
    skb: Skb,
    directions: readonly ("src" | "dst")[],
    options: { readonly timeoutSec?: number; readonly exist: boolean },
  ): boolean;
  /** @returns whether something was removed; of `add`: whether something was added. */
  remove(skb: Skb, directions: readonly ("src" | "dst")[]): boolean;
}

export interface SetLookup {
  readonly returnNomatch: boolean;
  readonly updateCounters: boolean;
  readonly updateSubcounters: boolean;
  /** Whether the element's counters are as wanted, this packet counted in; asked only of sets that count. */
  readonly accepts?: (packets: number, bytes: number) => boolean;
}

/** Endpoints that NAT may choose from; `undefined` parts stay as they are. */
export interface NatRequest {
  readonly manip: "src" | "dst";
  readonly addresses: { readonly min: AddressWords; readonly max: AddressWords } | undefined;
  readonly ports:
    | { readonly min: number; readonly max: number; readonly base: number | undefined }
    | undefined;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

/** What the CT target gives a packet in raw, before its connection is looked up. */
export interface ConntrackTemplate {
  readonly zone: number;
  readonly zoneDirection: "both" | "original" | "reply";
  readonly zoneFromMark: boolean;
  readonly helper: string | undefined;
  readonly timeoutPolicy: string | undefined;
}

/** The machine as extensions see it. */
export interface Machine {
  readonly backend: Backend;
  readonly family: Family;
  /** Milliseconds of virtual time since the machine started; never falls. */
  now(): number;
  /** Milliseconds since 1970 in UTC; undefined if the case does not say when it happens. */
  wallClock(): number | undefined;
  /** One object for all uses with the same key, made on first use. */
  shared<T>(key: string, make: () => T): T;
  /** A number from 0 to `below` - 1 that the kernel draws at random. `what` names the draw for a report. */
  random(below: number, what: string): number;
  set(name: string): SetView | undefined;
  /** Whether an address is of one of the types (IPv4), or of all of those that differ in kind (IPv6). */
  addressHasType(address: AddressWords, types: readonly AddressType[], device: string | undefined): boolean;
  /** Whether the route back to the source of `skb` leaves by the device it came from; `loose`: by any device. */
  reversePath(skb: Skb, options: { loose: boolean; validMark: boolean; acceptLocal: boolean }): boolean;
  /** Interface group number; 0 if none was set. */
  deviceGroup(device: string): number;
  deviceIndex(device: string): number;
  /** Of the connection with this tuple in the table; TCP's are closed from TIME_WAIT or CLOSE on. */
  connectionState(tuple: TupleView, zone: number): "none" | "open" | "closed";
  /** The tuple that conntrack would file the packet under; undefined if its headers do not say one. */
  tupleOf(skb: Skb): TupleView | undefined;
  /** Switches counting of packets and bytes per connection on. */
  enableAccounting(): void;
  /** Whether a socket of this host would take the packet; undefined if nobody declared the sockets. */
  hasSocket(skb: Skb): boolean | undefined;
  /** MTU of the route that the packet takes (or the one back to its source). */
  pathMtu(skb: Skb, direction: "forward" | "reverse"): number | undefined;

  /** Translates the packet's connection; what a nat table's targets do. */
  nat(skb: Skb, request: NatRequest): TargetOutcome;
  /** First address of a device, as MASQUERADE and REDIRECT take it. */
  deviceAddress(device: string): AddressWords | undefined;
  /** The source address that a MASQUERADE takes for this packet. */
  masqueradeAddress(skb: Skb): AddressWords | undefined;
  setTemplate(skb: Skb, template: ConntrackTemplate): void;
  untrack(skb: Skb): void;
  /** Sends REJECT's answer; `kind` as `--reject-with` names it. */
  reject(skb: Skb, kind: string): void;
  /** Sends a copy of the packet to `gateway`. */
  tee(skb: Skb, gateway: Address, device: string | undefined): void;
  /** Sends the packet to a local socket instead of where it goes. */
  transparentProxy(
    skb: Skb,
    to: { address: AddressWords | undefined; port: number; mark: number; mask: number },
  ): TargetOutcome;
  /** Records a line of LOG, NFLOG or TRACE. */
  log(
    skb: Skb,
    line: { readonly kind: "LOG" | "NFLOG" | "AUDIT"; readonly prefix: string; readonly group?: number },
  ): void;
}
