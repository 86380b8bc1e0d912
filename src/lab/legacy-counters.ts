/**
 * Counters of iptables-legacy, as the kernel hands out its tables: a row of entries, hooks by offset, a user chain
 * opened by an ERROR entry with its name. Kernel: include/uapi/linux/netfilter_ipv4/ip_tables.h, struct ipt_getinfo,
 * ipt_get_entries, ipt_entry; ip6_tables.h likewise.
 */
import type { Family } from "../net/index.ts";
import type { Counter, CounterReader } from "./counters.ts";
import { closeSocket, getOption } from "./libc.ts";
import { readProcNet } from "./namespace.ts";
import { tablesSocket } from "./sockets.ts";

const HOOKS = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
const GET_INFO = 64;
const GET_ENTRIES = 65;
const INFO_SIZE = 84;
/** Name, size and padding before the entries. */
const ENTRIES_AT = 40;

interface Place {
  readonly at: number;
  readonly chain: string;
  readonly index: number;
}

interface Table {
  readonly name: string;
  readonly buffer: Uint8Array;
  readonly places: readonly Place[];
}

export class LegacyCounters implements CounterReader {
  readonly #socket: number;
  readonly #level: number;
  readonly #offsetsAt: number;
  readonly #countersAt: number;
  readonly #tables: readonly Table[];

  /** The rules must be loaded; after another load a new reader is wanted. */
  constructor(family: Family) {
    this.#socket = tablesSocket(family);
    this.#level = family === "ipv4" ? 0 : 41;
    this.#offsetsAt = family === "ipv4" ? 88 : 140;
    this.#countersAt = family === "ipv4" ? 96 : 152;
    const names = readProcNet(family === "ipv4" ? "ip_tables_names" : "ip6_tables_names");
    this.#tables = names
      .split("\n")
      .filter((name) => name !== "")
      .map((name) => this.#survey(name));
  }

  read(): readonly Counter[] {
    return this.#tables.flatMap(({ name, buffer, places }) => {
      getOption(this.#socket, this.#level, GET_ENTRIES, buffer);
      const view = new DataView(buffer.buffer);
      return places.map(({ at, chain, index }) => ({
        table: name,
        chain,
        index,
        packets: Number(view.getBigUint64(at + this.#countersAt, true)),
        bytes: Number(view.getBigUint64(at + this.#countersAt + 8, true)),
      }));
    });
  }

  [Symbol.dispose](): void {
    closeSocket(this.#socket);
  }

  #survey(name: string): Table {
    const info = new Uint8Array(INFO_SIZE);
    info.set(new TextEncoder().encode(name));
    getOption(this.#socket, this.#level, GET_INFO, info);
    const view = new DataView(info.buffer);
    const valid = view.getUint32(32, true);
    const size = view.getUint32(80, true);
    const heads = new Map<number, string>();
    const policies = new Set<number>();
    HOOKS.forEach((hook, at) => {
      if (((valid >> at) & 1) === 0) return;
      heads.set(view.getUint32(36 + 4 * at, true), hook);
      policies.add(view.getUint32(56 + 4 * at, true));
    });
    const buffer = new Uint8Array(ENTRIES_AT + size);
    buffer.set(new TextEncoder().encode(name));
    new DataView(buffer.buffer).setUint32(32, size, true);
    getOption(this.#socket, this.#level, GET_ENTRIES, buffer);
    return { name, buffer, places: this.#walk(buffer, size, heads, policies) };
  }

  #walk(
    buffer: Uint8Array,
    size: number,
    heads: ReadonlyMap<number, string>,
    policies: ReadonlySet<number>,
  ): readonly Place[] {
    const view = new DataView(buffer.buffer);
    const places: Place[] = [];
    let chain = "";
    let index = 0;
    let user = false;
    for (let offset = 0; offset < size; ) {
      const at = ENTRIES_AT + offset;
      const target = at + view.getUint16(at + this.#offsetsAt, true);
      const length = view.getUint16(at + this.#offsetsAt + 2, true);
      const head = heads.get(offset);
      if (head !== undefined) [chain, index, user] = [head, 0, false];
      if (textAt(buffer, target + 2, 30) === "ERROR") {
        // The chain before ends with a RETURN of its own, which is not a rule.
        if (user && places.at(-1)?.chain === chain) places.pop();
        [chain, index, user] = [textAt(buffer, target + 32, 32), 0, true];
      } else if (policies.has(offset)) places.push({ at, chain, index: 0 });
      else places.push({ at, chain, index: ++index });
      offset += length;
    }
    return places;
  }
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const end = bytes.subarray(at, at + length).indexOf(0);
  return new TextDecoder().decode(bytes.subarray(at, at + (end < 0 ? length : end)));
}
