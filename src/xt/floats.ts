/**
 * Fractions as iptables reads them: strtod(3), so `.5`, `5e-1`, `0x.8` and `0x1p-1` are all one half. Its `nan` and
 * `inf` are no numbers here.
 */

const DECIMAL = /^[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/;
const HEXADECIMAL =
  /^[ \t\n\v\f\r]*([+-]?)0[xX]([0-9a-fA-F]*)\.?((?<=\.)[0-9a-fA-F]*)?(?:[pP]([+-]?[0-9]+))?/;

/** A number at the start of a text, and where it ends. */
export interface FloatPrefix {
  readonly value: number;
  readonly end: number;
}

/** Reads the number that `text` starts with; undefined if it starts with none. */
export function floatPrefix(text: string): FloatPrefix | undefined {
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) {
    const [whole, sign, integer = "", fraction = "", exponent = "0"] = hexadecimal;
    const digits = integer + fraction;
    if (digits !== "") {
      const magnitude = Number(`0x${digits}`) * 2 ** (Number(exponent) - 4 * fraction.length);
      return { value: sign === "-" ? -magnitude : magnitude, end: whole.length };
    }
  }
  const decimal = DECIMAL.exec(text);
  if (decimal === null) return undefined;
  return { value: Number(decimal[1]), end: decimal[0].length };
}

/** A whole text that is one number. */
export function wholeFloat(text: string): number | undefined {
  const found = floatPrefix(text);
  return found !== undefined && found.end === text.length ? found.value : undefined;
}
