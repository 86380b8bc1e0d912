/**
 * Names that iptables lets one abbreviate, compared without regard to case. Of several names that begin alike
 * iptables takes the first of its list without a word; Postern takes an abbreviation only if all mean the same.
 */
import { type Refusal, refuse } from "./refusal.ts";

/**
 * What the whole name `text`, or the names that begin with it, stand for. `names` is keyed in lower case.
 * @returns undefined if no name begins with the text, or if it is empty.
 */
export function byAbbreviation(
  text: string,
  names: ReadonlyMap<string, number>,
): number | Refusal | undefined {
  if (text === "") return undefined;
  // ASCII letters only: "K", the sign of the kelvin, is no k.
  const lower = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const exact = names.get(lower);
  if (exact !== undefined) return exact;
  const candidates = [...names].filter(([name]) => name.startsWith(lower));
  const value = candidates[0]?.[1];
  if (candidates.every(([, other]) => other === value)) return value;
  const list = candidates.map(([name]) => name).join(" and ");
  return refuse("xt/ambiguous-name", `"${text}" is short for ${list}`, "write the name in full");
}
