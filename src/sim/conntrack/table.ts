/**
 * The conntrack table: every connection under both of its tuples, in one hash table with chains, as the kernel's. Cost
 * of a lookup does not grow with the number of connections; expired ones are swept as they are met, and a few buckets
 * with every insertion, so that the table stays as small as its living part.
 */
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";
import type { Tuple } from "./tuple.ts";
import { zoneIn } from "./zone.ts";

const FIRST_BUCKETS = 1024;
/** Buckets looked at for expired entries on each insertion. */
const SWEEP = 4;
/** Buckets looked at for an entry to give up in a full table: all of a small one. */
const EVICTION_BUCKETS = FIRST_BUCKETS;

export class ConnectionTable {
  #buckets: (Tuple | undefined)[] = new Array<Tuple | undefined>(FIRST_BUCKETS).fill(undefined);
  #count = 0;
  #sweepAt = 0;
  #evictAt = 0;
  /** By original source the newest connection that went through source NAT; it knows the next older one. */
  readonly #newestBySource = new Map<number, Connection>();
  readonly #now: () => number;
  readonly #removed: (connection: Connection) => void;

  /** `removed` hears of every connection that leaves, also of one that expires, when that is noticed. */
  constructor(now: () => number, removed: (connection: Connection) => void) {
    this.#now = now;
    this.#removed = removed;
  }

  /** Connections in the table, expired ones that were not met yet included. */
  get size(): number {
    return this.#count;
  }

  /** The entry that a packet belongs to, whichever direction it is of. Kernel: nf_conntrack_find_get(). */
  find(tuple: Tuple, zone: number): Tuple | undefined {
    const original = zoneIn(zone, false);
    const reply = zoneIn(zone, true);
    const found = this.findUnder(tuple, zone, original);
    return found === undefined && reply !== original ? this.findUnder(tuple, zone, reply) : found;
  }

  /** The entry among those that are filed under the zone `under`. */
  findUnder(tuple: Tuple, zone: number, under: number): Tuple | undefined {
    const now = this.#now();
    const at = tuple.hash() & (this.#buckets.length - 1);
    for (let node = this.#buckets[at]; node !== undefined; node = node.next) {
      if (!node.equals(tuple)) continue;
      const connection = node.connection as Connection;
      const filed = zoneIn(connection.zone, node.isReply);
      if (filed !== under || filed !== zoneIn(zone, node.isReply)) continue;
      if (connection.expiresAt > now) return node;
      this.remove(connection);
      return this.findUnder(tuple, zone, under);
    }
    return undefined;
  }

  /** Whether the connection is in the table and lives. */
  holds(connection: Connection | undefined): connection is Connection {
    if (connection === undefined || connection.expiresAt <= this.#now()) return false;
    return (connection.status & (CT_STATUS.CONFIRMED | CT_STATUS.DYING)) === CT_STATUS.CONFIRMED;
  }

  insert(connection: Connection): void {
    this.#link(connection.original);
    this.#link(connection.reply);
    this.#count++;
    if (connection.master !== undefined) connection.master.dependants++;
    if (this.#count * 2 > this.#buckets.length) this.#grow();
    this.#sweep();
  }

  remove(connection: Connection): void {
    if ((connection.status & CT_STATUS.DYING) !== 0) return;
    connection.status |= CT_STATUS.DYING;
    if (connection.confirmed) {
      this.#unlink(connection.original);
      this.#unlink(connection.reply);
      this.#count--;
      if (connection.master !== undefined) connection.master.dependants--;
    }
    this.forgetSource(connection);
    this.#removed(connection);
  }

  /** Living connections, in no order. Nothing may be removed meanwhile. */
  *[Symbol.iterator](): Generator<Connection> {
    const now = this.#now();
    for (const bucket of this.#buckets) {
      for (let node = bucket; node !== undefined; node = node.next) {
        const connection = node.connection as Connection;
        if (!node.isReply && connection.expiresAt > now) yield connection;
      }
    }
  }

  /** Connections with the source of `tuple` that went through source NAT, newest first; for NAT to be consistent. */
  *fromSource(tuple: Tuple): Generator<Connection> {
    let connection = this.#newestBySource.get(tuple.sourceHash());
    for (; connection !== undefined; connection = connection.olderOfSource) yield connection;
  }

  rememberSource(connection: Connection): void {
    if (connection.hasSource) return;
    const key = connection.original.sourceHash();
    const older = this.#newestBySource.get(key);
    connection.hasSource = true;
    connection.olderOfSource = older;
    if (older !== undefined) older.newerOfSource = connection;
    this.#newestBySource.set(key, connection);
  }

  forgetSource(connection: Connection): void {
    if (!connection.hasSource) return;
    connection.hasSource = false;
    const { olderOfSource: older, newerOfSource: newer } = connection;
    if (older !== undefined) older.newerOfSource = newer;
    if (newer !== undefined) newer.olderOfSource = older;
    else {
      const key = connection.original.sourceHash();
      if (older === undefined) this.#newestBySource.delete(key);
      else this.#newestBySource.set(key, older);
    }
    connection.olderOfSource = undefined;
    connection.newerOfSource = undefined;
  }

  /** Removes a connection that may go, if one is found in the next buckets. Kernel: early_drop(), which looks at eight. */
  evict(mayGo: (connection: Connection) => boolean): boolean {
    const now = this.#now();
    for (let step = 0; step < EVICTION_BUCKETS; step++) {
      for (let node = this.#buckets[this.#evictAt]; node !== undefined; node = node.next) {
        const connection = node.connection as Connection;
        if (connection.expiresAt > now && !mayGo(connection)) continue;
        this.remove(connection);
        return true;
      }
      this.#evictAt = (this.#evictAt + 1) & (this.#buckets.length - 1);
    }
    return false;
  }

  #link(tuple: Tuple): void {
    const at = tuple.hash() & (this.#buckets.length - 1);
    tuple.next = this.#buckets[at];
    this.#buckets[at] = tuple;
  }

  #unlink(tuple: Tuple): void {
    const at = tuple.hash() & (this.#buckets.length - 1);
    let node = this.#buckets[at];
    if (node === tuple) this.#buckets[at] = tuple.next;
    else {
      while (node !== undefined && node.next !== tuple) node = node.next;
      if (node !== undefined) node.next = tuple.next;
    }
    tuple.next = undefined;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Array<Tuple | undefined>(old.length * 4).fill(undefined);
    for (const bucket of old) {
      for (let node = bucket; node !== undefined; ) {
        const next: Tuple | undefined = node.next;
        this.#link(node);
        node = next;
      }
    }
  }

  #sweep(): void {
    const now = this.#now();
    for (let step = 0; step < SWEEP; step++) {
      this.#sweepAt = (this.#sweepAt + 1) & (this.#buckets.length - 1);
      let node = this.#buckets[this.#sweepAt];
      while (node !== undefined) {
        const next: Tuple | undefined = node.next;
        const connection = node.connection as Connection;
        if (connection.expiresAt <= now) {
          this.remove(connection);
          // Both of its tuples may have stood here: start the chain again.
          node = this.#buckets[this.#sweepAt];
        } else node = next;
      }
    }
  }
}
