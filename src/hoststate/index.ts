/**
 * What a Linux host's kernel holds beside its rules, and what a packet's fate depends on as much: IP sets,
 * interfaces and addresses, routes and routing rules, settings, and the conntrack table. Each file reads one
 * listing as the host's own tools print it, text or JSON; none runs a tool. Readers report everything wrong as
 * diagnostics, leave out an entry that has an error, and keep what newer tools add verbatim in `other`.
 */
export {
  type ConntrackEntry,
  type ConntrackListing,
  natManips,
  parseConntrack,
  type Tuple,
} from "./conntrack.ts";
export { type AddressListing, type Interface, type InterfaceAddress, parseIpAddress } from "./ip-address.ts";
export {
  type Nexthop,
  parseIpRoute,
  ROUTE_TYPES,
  type Route,
  type RouteListing,
  type RouteMetric,
  type RouteType,
} from "./ip-route.ts";
export {
  type NumberRange,
  parseIpRule,
  type RoutingRule,
  type RoutingRuleAction,
  type RuleListing,
} from "./ip-rule.ts";
export type { ListingOptions, Realms } from "./ip-words.ts";
export {
  IP_SET_TYPES,
  type IpSet,
  type IpSetElement,
  type IpSetOptions,
  type IpSetType,
  printIpSetElement,
  printIpSets,
} from "./ipset.ts";
export type { ElementPart } from "./ipset-element.ts";
export { type IpSetListing, parseIpSets } from "./ipset-restore.ts";
export { type JsonFault, type JsonNode, readJsonText } from "./json.ts";
export {
  canonicalSysctlKey,
  parseSysctl,
  printSysctl,
  type SysctlListing,
  type SysctlSetting,
  sysctlValue,
} from "./sysctl.ts";
