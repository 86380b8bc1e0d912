/**
 * A host as its listings describe it: rulesets, addresses, routes, routing rules, IP sets, settings and connections, as
 * far as they are given, and what had to be assumed for the rest.
 */
export {
  type HostListing,
  type ListingKind,
  readSnapshot,
  type Snapshot,
  type SnapshotOptions,
} from "./snapshot.ts";
