/**
 * References to an ipset, as the `set` match and the `SET` target make them: the name of the set and, for each of its
 * dimensions, whether the source or the destination of the packet is meant. They are two words on the line, which the
 * reader hands over as one text with a space between. Source: extensions/libxt_set.h, parse_dirs().
 */
import { bareWord } from "./bare-word.ts";
import type { ValueContext } from "./contract.ts";
import { Refusal, refuse } from "./refusal.ts";

export interface IpsetReference {
  /** Only the host knows which sets there are, and of what type and family. */
  readonly set: string;
  readonly directions: readonly ("src" | "dst")[];
}

/** IPSET_DIM_MAX. Set types have three dimensions at most; the kernel ignores what is beyond. */
const MAX_DIMENSIONS = 6;
/** IPSET_MAXNAMELEN less its zero byte. */
const name = bareWord(31);

/** `name direction[,direction…]`. iptables reads everything that begins with src or dst, which Postern refuses. */
export function ipsetReference(text: string, context: ValueContext): IpsetReference | Refusal {
  const space = text.lastIndexOf(" ");
  const set = name(space < 0 ? text : text.slice(0, space), context);
  if (set instanceof Refusal) return set;
  if (space < 0)
    return refuse(
      "xt/too-short",
      `"${text}" names a set without a direction`,
      "write src or dst behind it, one for each dimension of the set",
    );
  const list = text.slice(space + 1);
  const directions: ("src" | "dst")[] = [];
  for (const item of list.split(",")) {
    if (item !== "src" && item !== "dst") {
      return refuse(
        "xt/unknown-keyword",
        `"${item}" is neither src nor dst`,
        "write one for each dimension of the set, such as src,dst",
      );
    }
    directions.push(item);
  }
  if (directions.length > MAX_DIMENSIONS) {
    return refuse(
      "xt/too-many-values",
      `"${list}" has ${directions.length} directions, at most ${MAX_DIMENSIONS} are possible`,
      "write one for each dimension of the set",
    );
  }
  return { set, directions };
}

export function printIpsetReference({ set, directions }: IpsetReference): string {
  return `${set} ${directions.join(",")}`;
}
