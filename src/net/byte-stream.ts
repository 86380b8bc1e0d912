/** Bytes that come in chunks, read in order without ever holding more than what is asked for and one chunk. */
export class ByteStream {
  /** The stretch at hand; what `need` promised begins at `at`. Never written to, and never used again for other bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Offset in the whole of `bytes[0]`. */
  #base = 0;
  readonly #chunks: Iterator<Uint8Array>;
  #ended = false;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** Offset in the whole of what comes next. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Bytes at hand. */
  get available(): number {
    return this.bytes.length - this.at;
  }

  /** Whether so many bytes from `at` on are there; gets more chunks if it must. */
  need(count: number): boolean {
    if (this.bytes.length - this.at >= count) return true;
    const parts: Uint8Array[] = [this.bytes.subarray(this.at)];
    let held = this.available;
    while (held < count && !this.#ended) {
      const chunk = this.#pull();
      if (chunk === undefined) break;
      parts.push(chunk);
      held += chunk.length;
    }
    this.#base += this.at;
    this.at = 0;
    if (parts.length > 1) this.bytes = joined(parts, held);
    else this.bytes = parts[0] as Uint8Array;
    return held >= count;
  }

  /** Passes over so many bytes without keeping them; false if the end comes first. */
  skip(count: number): boolean {
    let left = count;
    while (left > this.available) {
      left -= this.available;
      this.#base += this.bytes.length;
      this.at = 0;
      const chunk = this.#pull();
      if (chunk === undefined) {
        this.bytes = new Uint8Array(0);
        return false;
      }
      this.bytes = chunk;
    }
    this.at += left;
    return true;
  }

  #pull(): Uint8Array | undefined {
    if (this.#ended) return undefined;
    const next = this.#chunks.next();
    if (next.done === true) {
      this.#ended = true;
      return undefined;
    }
    return next.value;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 2 && (parts[0] as Uint8Array).length === 0) return parts[1] as Uint8Array;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
