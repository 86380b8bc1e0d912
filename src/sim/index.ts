/**
 * The machine: what Linux does with one packet, from the device that it comes in by to the device that it leaves by,
 * on a virtual clock. One of the independent levels of evidence: it shares the rules with the others, and no code that
 * walks them.
 */
export { writeSctpChecksum } from "./checksums.ts";
export { type Assumption, type Choices, World } from "./choices.ts";
export { adoptConnection } from "./conntrack/adopt.ts";
export type { Connection } from "./conntrack/connection.ts";
export { printConnection } from "./conntrack/print.ts";
export { TCP_STATES } from "./conntrack/tcp.ts";
export { zoneId } from "./conntrack/zone.ts";
export { HookPassage, type LoneHook, type LonePassage } from "./hooks.ts";
export {
  type Delivered,
  type Emitted,
  Host,
  type HostEvent,
  type HostOptions,
  type Socket,
} from "./host.ts";
export { isObeyedSysctl, wrongSysctl } from "./known-sysctls.ts";
export { type Destination, Packet } from "./packet.ts";
export { type Link, receive, type Sender, type SendOutcome, send } from "./path.ts";
export { arrivalOf, OWN, passRouted } from "./routed-passage.ts";
export { flowTo, inPrefix } from "./routing/fib.ts";
export type { Device, DeviceAddress } from "./routing/network.ts";
export { LOOPBACK } from "./routing/network.ts";
export { routeOutput } from "./routing/output-route.ts";
export { IpSets } from "./sets/index.ts";
export { Sysctls } from "./sysctls.ts";
export { type RuleIndex, RunningChain, RunningRule } from "./tables.ts";
export type { TableVerdict, Walk } from "./traverse.ts";
