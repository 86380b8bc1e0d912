/** Which packets belong together: both directions of one pair of endpoints and one protocol, in typed arrays. */
import { type Family, fromWords, get16, PROTOCOL, printAddress, word } from "../net/index.ts";
import type { Skb } from "../xt/index.ts";

/** Endpoints in the direction of the first packet; ports only where the protocol has them. */
export interface FlowEnds {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sport?: number;
  readonly dport?: number;
}

/** Bits of `FlowTable.seen` from `PER_SIDE` on, for the first and the second ruleset. */
export const SEEN = { ACCEPTED: 1, REFUSED: 2 } as const;
const SIDE_SHIFT = 2;
const DIFFERS = 16;
const SWAPPED = 32;

const PORTED: ReadonlySet<number> = new Set([
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.udplite,
  PROTOCOL.sctp,
  PROTOCOL.dccp,
]);

export class FlowTable {
  readonly family: Family;
  /** Words of one address. */
  readonly #width: number;
  /** Words of a key: both addresses, ports, protocol. */
  readonly #stride: number;
  readonly #key: Int32Array;
  #keys: Int32Array;
  #slots = new Int32Array(1 << 12);
  #seen = new Uint8Array(1 << 11);
  /** Packets that passed and that were refused, for the first ruleset and then the second. */
  #packets = new Uint32Array(1 << 13);
  #swapped = false;
  count = 0;

  constructor(family: Family) {
    this.family = family;
    this.#width = family === "ipv4" ? 1 : 4;
    this.#stride = 2 * this.#width + 2;
    this.#key = new Int32Array(this.#stride);
    this.#keys = new Int32Array(this.#stride << 11);
  }

  /** The number of the packet's flow; a new one if no packet before was of it. */
  find(skb: Skb): number {
    this.#readKey(skb);
    const key = this.#key;
    const stride = this.#stride;
    let hash = 0;
    for (let at = 0; at < stride; at++) {
      hash = Math.imul(hash ^ (key[at] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (this.#slots[slot] as number) - 1;
      if (found < 0) break;
      if (this.#same(found * stride)) return found;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot);
  }

  #same(from: number): boolean {
    const key = this.#key;
    for (let at = 0; at < key.length; at++) if (this.#keys[from + at] !== key[at]) return false;
    return true;
  }

  #add(slot: number): number {
    const number = this.count++;
    if ((number + 1) * this.#stride > this.#keys.length) {
      this.#keys = grown(this.#keys, Int32Array);
      this.#seen = grown(this.#seen, Uint8Array);
      this.#packets = grown(this.#packets, Uint32Array);
    }
    this.#keys.set(this.#key, number * this.#stride);
    this.#seen[number] = this.#swapped ? SWAPPED : 0;
    this.#slots[slot] = number + 1;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    const stride = this.#stride;
    for (let number = 0; number < this.count; number++) {
      let hash = 0;
      for (let at = number * stride; at < (number + 1) * stride; at++) {
        hash = Math.imul(hash ^ (this.#keys[at] as number), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }

  /** Both directions give one key: the lower end stands first. */
  #readKey(skb: Skb): void {
    const { bytes, protocol, transport } = skb;
    const key = this.#key;
    const width = this.#width;
    let from = 0;
    let to = 0;
    if (skb.fragmentOffset === 0 && transport > 0) {
      if (PORTED.has(protocol) && skb.hasTransport(4)) {
        from = get16(bytes, transport);
        to = get16(bytes, transport + 2);
      } else if ((protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) && skb.hasTransport(8)) {
        // Questions and answers share their id; errors have none.
        from = isQuery(bytes[transport] as number, protocol) ? get16(bytes, transport + 4) : 0;
        to = from;
      }
    }
    const at = width === 1 ? 12 : 8;
    let order = 0;
    for (let each = 0; each < width; each++) {
      const source = word(bytes, at + 4 * each);
      const destination = word(bytes, at + 4 * (width + each));
      key[each] = source;
      key[width + each] = destination;
      if (order === 0 && source !== destination) order = source < destination ? -1 : 1;
    }
    this.#swapped = order > 0 || (order === 0 && from > to);
    if (this.#swapped) {
      for (let each = 0; each < width; each++) {
        const held = key[each] as number;
        key[each] = key[width + each] as number;
        key[width + each] = held;
      }
      key[2 * width] = (to << 16) | from;
    } else key[2 * width] = (from << 16) | to;
    key[2 * width + 1] = protocol;
  }

  /** Notes what became of a packet of the flow under ruleset `side`. */
  note(flow: number, side: 0 | 1, accepted: boolean): void {
    this.#seen[flow] =
      (this.#seen[flow] as number) | ((accepted ? SEEN.ACCEPTED : SEEN.REFUSED) << (side * SIDE_SHIFT));
    const at = 4 * flow + 2 * side + (accepted ? 0 : 1);
    this.#packets[at] = (this.#packets[at] as number) + 1;
  }

  /** How many packets of a flow passed under ruleset `side`, and how many were refused. */
  packetsOf(flow: number, side: 0 | 1): { readonly accepted: number; readonly refused: number } {
    const at = 4 * flow + 2 * side;
    return { accepted: this.#packets[at] as number, refused: this.#packets[at + 1] as number };
  }

  noteDifference(flow: number): void {
    this.#seen[flow] = (this.#seen[flow] as number) | DIFFERS;
  }

  /** How many flows had every packet accepted, none, or some. */
  totals(side: 0 | 1): { readonly accepted: number; readonly refused: number; readonly mixed: number } {
    const by = [0, 0, 0, 0];
    for (let flow = 0; flow < this.count; flow++) {
      const bits = ((this.#seen[flow] as number) >>> (side * SIDE_SHIFT)) & 3;
      by[bits] = (by[bits] as number) + 1;
    }
    return { accepted: by[1] as number, refused: by[2] as number, mixed: by[3] as number };
  }

  get differing(): number {
    let sum = 0;
    for (let flow = 0; flow < this.count; flow++) if (((this.#seen[flow] as number) & DIFFERS) !== 0) sum++;
    return sum;
  }

  ends(flow: number): FlowEnds {
    const at = flow * this.#stride;
    const width = this.#width;
    const address = (from: number): string => {
      const words = this.#keys.subarray(from, from + width);
      const [w0, w1, w2, w3] = width === 1 ? [0, 0, 0, words[0]] : words;
      return printAddress(fromWords(this.family, { w0: w0 ?? 0, w1: w1 ?? 0, w2: w2 ?? 0, w3: w3 ?? 0 }));
    };
    const low = address(at);
    const high = address(at + width);
    const ports = this.#keys[at + 2 * width] as number;
    const protocol = this.#keys[at + 2 * width + 1] as number;
    const swapped = ((this.#seen[flow] as number) & SWAPPED) !== 0;
    const [sport, dport] = swapped ? [ports & 0xffff, ports >>> 16] : [ports >>> 16, ports & 0xffff];
    const [source, destination] = swapped ? [high, low] : [low, high];
    return { source, destination, protocol, ...(PORTED.has(protocol) && { sport, dport }) };
  }
}

const isQuery = (type: number, protocol: number): boolean =>
  protocol === PROTOCOL.icmpv6
    ? type === 128 || type === 129
    : type === 0 || type === 8 || (type >= 13 && type <= 18);

function grown<T extends Int32Array | Uint8Array | Uint32Array>(array: T, make: new (size: number) => T): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}
