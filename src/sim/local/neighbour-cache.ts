/** IPv6 neighbours that this host has an entry for, since it sent to them or they asked. Kernel: nd_tbl. */
import type { AddressWords } from "../../net/index.ts";

export class Neighbours {
  readonly #known = new Set<string>();

  learn(device: string, address: AddressWords): void {
    this.#known.add(key(device, address));
  }

  knows(device: string, address: AddressWords): boolean {
    return this.#known.has(key(device, address));
  }
}

const key = (device: string, { w0, w1, w2, w3 }: AddressWords): string => `${device} ${w0},${w1},${w2},${w3}`;
