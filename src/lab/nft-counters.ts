/**
 * Counters of iptables-nft, over netlink. Kernel: include/uapi/linux/netfilter/nf_tables.h, nft_chain_attributes,
 * nft_rule_attributes, nft_counter_attributes.
 */
import type { Family } from "../net/index.ts";
import type { Counter, CounterReader } from "./counters.ts";
import { NetfilterSocket } from "./sockets.ts";

const NFNL_SUBSYS_NFTABLES = 10;
const GET_CHAINS = 4;
const GET_RULES = 7;
const REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER = 16;
/** The netlink header and that of netfilter. */
const PAYLOAD_AT = 20;
const PATIENCE_MS = 5000;

const CHAIN = { table: 1, name: 3, counters: 8 };
const RULE = { table: 1, chain: 2, expressions: 4 };
const COUNTER = { bytes: 1, packets: 2 };

const decoder = new TextDecoder();

export class NftCounters implements CounterReader {
  readonly #family: number;
  readonly #socket = new NetfilterSocket();

  constructor(family: Family) {
    this.#family = family === "ipv4" ? 2 : 10;
  }

  read(): readonly Counter[] {
    const counters: Counter[] = [];
    for (const chain of this.#dump(GET_CHAINS)) {
      const counts = chain.get(CHAIN.counters);
      if (counts === undefined) continue;
      const place = { table: text(chain.get(CHAIN.table)), chain: text(chain.get(CHAIN.name)), index: 0 };
      counters.push({ ...place, ...countsOf(attributes(counts)) });
    }
    const indexes = new Map<string, number>();
    for (const rule of this.#dump(GET_RULES)) {
      const table = text(rule.get(RULE.table));
      const chain = text(rule.get(RULE.chain));
      const key = `${table} ${chain}`;
      const index = (indexes.get(key) ?? 0) + 1;
      indexes.set(key, index);
      counters.push({ table, chain, index, ...ruleCounts(rule.get(RULE.expressions)) });
    }
    return counters;
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  *#dump(message: number): Generator<ReadonlyMap<number, Uint8Array>> {
    const request = new Uint8Array(PAYLOAD_AT);
    const view = new DataView(request.buffer);
    view.setUint32(0, PAYLOAD_AT, true);
    view.setUint16(4, (NFNL_SUBSYS_NFTABLES << 8) | message, true);
    view.setUint16(6, REQUEST_DUMP, true);
    view.setUint32(8, 1, true);
    request[16] = this.#family;
    this.#socket.send(request);
    for (;;) {
      const bytes = this.#socket.receive();
      if (bytes === undefined) {
        if (!this.#socket.wait(PATIENCE_MS)) throw new Error("nf_tables does not answer");
        continue;
      }
      const part = new DataView(bytes.buffer);
      for (let at = 0; at + HEADER <= bytes.length; ) {
        const length = part.getUint32(at, true);
        const type = part.getUint16(at + 4, true);
        if (type === NLMSG_DONE) return;
        if (type === NLMSG_ERROR) throw new Error(`nf_tables: error ${-part.getInt32(at + HEADER, true)}`);
        yield attributes(bytes.subarray(at + PAYLOAD_AT, at + length));
        at += (length + 3) & ~3;
      }
    }
  }
}

/** Netlink attributes by number; of those that repeat, the last. */
function attributes(bytes: Uint8Array): Map<number, Uint8Array> {
  return new Map(attributeList(bytes));
}

function attributeList(bytes: Uint8Array): [number, Uint8Array][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: [number, Uint8Array][] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    found.push([view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length)]);
    at += (length + 3) & ~3;
  }
  return found;
}

const text = (bytes: Uint8Array | undefined): string => decoder.decode(bytes).replace(/\0.*$/s, "");

function countsOf(counter: ReadonlyMap<number, Uint8Array>): { packets: number; bytes: number } {
  const number = (bytes: Uint8Array | undefined): number =>
    bytes === undefined ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
  return { packets: number(counter.get(COUNTER.packets)), bytes: number(counter.get(COUNTER.bytes)) };
}

function ruleCounts(expressions: Uint8Array | undefined): { packets: number; bytes: number } {
  for (const [, element] of attributeList(expressions ?? new Uint8Array())) {
    const expression = attributes(element);
    if (text(expression.get(1)) === "counter") return countsOf(attributes(expression.get(2) as Uint8Array));
  }
  return { packets: 0, bytes: 0 };
}
