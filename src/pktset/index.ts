/**
 * All packets: sets of them over header fields, as decision diagrams, with the conditions and effects that extensions
 * state as data. Knows nothing of rules or hooks.
 */
export { type Box, boxesOf, fieldRanges, type Side } from "./boxes.ts";
export * from "./condition.ts";
export { countByTerminal, countPackets } from "./count.ts";
export {
  describeAddresses,
  describeBox,
  describePacket,
  describeRanges,
  describeSet,
  describeValue,
  packetJson,
} from "./describe.ts";
export {
  ALL,
  type DiagramSize,
  Diagrams,
  isTerminal,
  NONE,
  type Ref,
  terminal,
  terminalValue,
} from "./diagram.ts";
export type { Effect, FieldWrite, Translation } from "./effect.ts";
export * from "./fields.ts";
export { InterfaceNames } from "./interface-names.ts";
export { fieldTest } from "./joined-ranges.ts";
export { type Bounds, type FieldLevels, PacketSpace } from "./packet-space.ts";
export { conditionHolds, type PacketValues } from "./packet-values.ts";
export { complement, intersection, maskedRanges, normalised, type Ranges } from "./ranges.ts";
export { memberOf, witnessOf } from "./witness.ts";
