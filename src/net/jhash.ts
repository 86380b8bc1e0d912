/** Bob Jenkins' hash as the kernel computes it; include/linux/jhash.h, jhash2(). All values 32 bits. */

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

export function jhash2(words: readonly number[], initial: number): number {
  let a = (0xdeadbeef + (words.length << 2) + initial) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; words.length - at > 3; at += 3) {
    a = (a + (words[at] as number)) | 0;
    b = (b + (words[at + 1] as number)) | 0;
    c = (c + (words[at + 2] as number)) | 0;
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  const left = words.length - at;
  if (left === 0) return c >>> 0;
  if (left > 2) c = (c + (words[at + 2] as number)) | 0;
  if (left > 1) b = (b + (words[at + 1] as number)) | 0;
  a = (a + (words[at] as number)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

/** Maps a 32-bit hash onto 0 to `size` - 1; include/linux/kernel.h, reciprocal_scale(). */
export const scaleHash = (hash: number, size: number): number =>
  Number((BigInt(hash >>> 0) * BigInt(size >>> 0)) >> 32n);

/** A word as a little-endian machine holds the four bytes of an address. */
export const byteSwapped = (word: number): number =>
  (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24) | 0;
