/**
 * Numbers as atoi(3) and strtoul(3) with base 10 read them: `010` is ten, and `0x10` is no number. Text behind the
 * digits, which those functions leave unread, is refused.
 */
const DECIMAL = /^[ \t\n\v\f\r]*\+?[0-9]+$/;

/** A whole text that is one decimal number between `min` and `max`; undefined if it is anything else. */
export function decimalNumber(text: string, min: number, max: number): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
