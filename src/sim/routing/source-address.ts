/**
 * The address that this host sends from if the sender did not choose one. Kernel: net/ipv4/devinet.c, inet_select_addr();
 * net/ipv6/addrconf.c, ipv6_dev_get_saddr(). RFC 6724 section 5.
 */
import { type AddressWords, sameWords } from "../../net/index.ts";
import { inPrefix } from "./fib.ts";
import type { Device, DeviceAddress } from "./network.ts";

/** The first address of the device, preferably one in the network of `towards`; else the first of any other. */
export function ipv4Source(
  devices: ReadonlyMap<string, Device>,
  device: string,
  towards: AddressWords,
): AddressWords | undefined {
  const primaries = ({ addresses }: Device): readonly DeviceAddress[] =>
    addresses.filter(({ family, secondary }) => family === "ipv4" && !secondary);
  const out = devices.get(device);
  // The loopback's own addresses have host scope and serve nobody else.
  const own = out === undefined || device === "lo" ? [] : primaries(out);
  const near = own.find((each) => inPrefix("ipv4", towards, each.words, each.prefixBits));
  const found = near ?? own[0];
  if (found !== undefined) return found.words;
  for (const other of devices.values()) {
    const first = other.name === "lo" ? undefined : primaries(other)[0];
    if (first !== undefined) return first.words;
  }
  return undefined;
}

/** The best by scope, device, label and length in common with `towards`; of equals the latest added. */
export function ipv6Source(
  devices: ReadonlyMap<string, Device>,
  device: string,
  towards: AddressWords,
): AddressWords | undefined {
  let best: { readonly words: AddressWords; readonly score: readonly number[] } | undefined;
  for (const candidate of devices.values()) {
    if (candidate.name === "lo") continue;
    for (const { words, prefixBits } of newestFirst(candidate)) {
      const score = [
        sameWords(words, towards) ? 1 : 0,
        scopeScore(scopeOf(words), scopeOf(towards)),
        candidate.name === device ? 1 : 0,
        labelOf(words) === labelOf(towards) ? 1 : 0,
        Math.min(commonBits(words, towards), prefixBits),
      ];
      if (best === undefined || isBetter(score, best.score)) best = { words, score };
    }
  }
  return best?.words;
}

/** IPv6 addresses as the kernel keeps them. */
export const newestFirst = ({ addresses }: Device): readonly DeviceAddress[] =>
  addresses.filter(({ family }) => family === "ipv6").toReversed();

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] as number) > (b[at] as number);
}

const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;

function scopeOf({ w0 }: AddressWords): number {
  if (w0 >>> 24 === 0xff) return (w0 >>> 16) & 15;
  if (w0 >>> 22 === 0xfe80 >>> 6) return LINK_LOCAL;
  return w0 >>> 22 === 0xfec0 >>> 6 ? SITE_LOCAL : GLOBAL;
}

/** The smallest scope that reaches the destination is best; one that does not reach it is worse than any that does. */
const scopeScore = (own: number, wanted: number): number => (own >= wanted ? -own : own - 128);

/** Policy table of RFC 6724 section 2.1, as net/ipv6/addrlabel.c has it; the longest prefix first. */
const LABELS: readonly {
  readonly words: readonly number[];
  readonly bits: number;
  readonly label: number;
}[] = [
  { words: [0, 0, 0, 1], bits: 128, label: 0 },
  { words: [0, 0, 0xffff, 0], bits: 96, label: 4 },
  { words: [0, 0, 0, 0], bits: 96, label: 3 },
  { words: [0x20010010, 0, 0, 0], bits: 28, label: 7 },
  { words: [0x20010000, 0, 0, 0], bits: 32, label: 6 },
  { words: [0x20020000, 0, 0, 0], bits: 16, label: 2 },
  { words: [0x3ffe0000, 0, 0, 0], bits: 16, label: 12 },
  { words: [0xfec00000, 0, 0, 0], bits: 10, label: 11 },
  { words: [0xfc000000, 0, 0, 0], bits: 7, label: 5 },
];
const OTHER_LABEL = 1;

function labelOf(address: AddressWords): number {
  const found = LABELS.find(({ words, bits }) => {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
    return commonBits(address, { w0, w1, w2, w3 }) >= bits;
  });
  return found?.label ?? OTHER_LABEL;
}

function commonBits(a: AddressWords, b: AddressWords): number {
  const parts = ["w0", "w1", "w2", "w3"] as const;
  const at = parts.findIndex((part) => (a[part] | 0) !== (b[part] | 0));
  const part = parts[at];
  return part === undefined ? 128 : 32 * at + Math.clz32(a[part] ^ b[part]);
}
