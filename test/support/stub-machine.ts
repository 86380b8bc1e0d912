/**
 * A machine whose answers are simple functions of the packet, and the same answers as conditions: what extensions ask of
 * their host in a test of `symbolic`.
 */
import type { Rng } from "../../src/base/index.ts";
import {
  type Condition,
  either,
  everything,
  type FieldName,
  type FieldValue,
  masked,
  nothing,
  onInterface,
} from "../../src/pktset/index.ts";
import {
  type AddressType,
  CT_INFO,
  type Machine,
  type NatRequest,
  type Skb,
  type SymbolicContext,
} from "../../src/xt/index.ts";
import { addressValue, packetFields } from "./packet-fields.ts";

export const DEVICES = ["eth0", "eth1", "ppp0", "lo"] as const;
const groupOf = (device: string): number => Math.max(0, (DEVICES as readonly string[]).indexOf(device)) * 5;

/** One bit of an address stands for each thing that a host knows of it. */
const BIT = { set: 1, type: 2, way: 4 } as const;

const bitSet = (value: FieldValue, bit: number): boolean => (BigInt(value) & BigInt(bit)) !== 0n;

const bitTest = (field: "src" | "dst", bit: number, family: Skb["family"]): Condition =>
  family === "ipv4" ? masked(field, bit, bit) : masked(field, BigInt(bit), BigInt(bit));

const addressIn = (skb: Skb, field: FieldName): FieldValue =>
  packetFields(skb).values.get(field) as FieldValue;

/** Types of which half of the addresses are. */
const asksBit = (types: readonly AddressType[]): boolean => types.length === 1;

/** @param requests where the translations that are asked for are put. */
export function stubMachine(
  family: Skb["family"],
  backend: Machine["backend"],
  rng: Rng,
  requests: NatRequest[] = [],
): Machine {
  const shared = new Map<string, unknown>();
  let now = 0;
  const machine: Partial<Machine> = {
    family,
    backend,
    now: () => {
      now += rng.below(500);
      return now;
    },
    wallClock: () => (rng.below(8) === 0 ? undefined : rng.below(2 ** 31) * 1000),
    shared: <T>(key: string, make: () => T): T => {
      if (!shared.has(key)) shared.set(key, make());
      return shared.get(key) as T;
    },
    random: (below) => rng.below(below),
    set: (name) => ({
      test: (skb, [first]) =>
        bitSet(addressIn(skb, first ?? "src"), BIT.set)
          ? { packets: rng.below(4), bytes: rng.below(300), mark: { value: name.length, mask: 0xff } }
          : undefined,
      add: () => true,
      remove: () => true,
    }),
    addressHasType: (words, types) => !asksBit(types) || bitSet(addressValue(words, family), BIT.type),
    reversePath: (skb) => bitSet(addressIn(skb, "src"), BIT.way),
    deviceGroup: groupOf,
    deviceIndex: (device) => groupOf(device) + 1,
    connectionState: () => (["none", "open", "closed"] as const)[rng.below(3)] as "none",
    tupleOf: () => undefined,
    enableAccounting: () => {},
    hasSocket: () => [true, false, undefined][rng.below(3)],
    pathMtu: () => [undefined, 1280, 1500][rng.below(3)],
    nat: (_, request) => {
      requests.push(request);
      return "accept";
    },
    deviceAddress: () => ({ w0: 0, w1: 0, w2: 0, w3: 1 }),
    masqueradeAddress: () => ({ w0: 0, w1: 0, w2: 0, w3: 1 }),
    setTemplate: () => {},
    untrack: (skb) => {
      if (skb.ct === undefined) skb.ctInfo = CT_INFO.UNTRACKED;
    },
    reject: () => {},
    tee: () => {},
    transparentProxy: () => "accept",
    log: () => {},
  };
  return machine as Machine;
}

export function stubContext(
  family: Skb["family"],
  backend: Machine["backend"],
  hook: SymbolicContext["hook"],
): SymbolicContext {
  return {
    family,
    backend,
    hook,
    setHolds: (_, [first]) => bitTest(first ?? "src", BIT.set, family),
    addressHasType: (field, types) => (asksBit(types) ? bitTest(field, BIT.type, family) : everything),
    reversePath: () => bitTest("src", BIT.way, family),
    inDeviceGroup: (field, { value, mask }) => {
      const members = DEVICES.filter((device) => (groupOf(device) & mask) >>> 0 === value);
      const others = (value & mask) === 0 && value === 0 ? [onInterface(field, "")] : [];
      return members.length === 0 && others.length === 0
        ? nothing
        : either(...members.map((device) => onInterface(field, device)), ...others);
    },
  };
}
