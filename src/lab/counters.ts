/** Counters of all rules and policies, read from the kernel in process: starting iptables-save costs a thousand times more. */
import type { Family } from "../net/index.ts";
import type { Backend } from "../xt/index.ts";
import { LegacyCounters } from "./legacy-counters.ts";
import { NftCounters } from "./nft-counters.ts";

/** A rule, by its place from 1, or with index 0 the policy of a chain. */
export interface Counter {
  readonly table: string;
  readonly chain: string;
  readonly index: number;
  readonly packets: number;
  readonly bytes: number;
}

export interface CounterReader extends Disposable {
  read(): readonly Counter[];
}

export const counterReader = (backend: Backend, family: Family): CounterReader =>
  backend === "legacy" ? new LegacyCounters(family) : new NftCounters(family);
