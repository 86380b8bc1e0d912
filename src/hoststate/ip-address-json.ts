/** `ip -j address`: each object as the lines that `ip address` would print for it, with their places in the JSON. */
import { jsonWord, renamed } from "./ip-words.ts";
import { type JsonObject, member } from "./json.ts";
import type { Word } from "./words.ts";

/** One line of the listing; `start` is where the line begins, before any indentation. */
export interface Segment {
  readonly words: readonly Word[];
  readonly start: number;
}

/** JSON keys whose text keyword has another name. */
const LINK_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["operstate", "state"],
  ["txqlen", "qlen"],
  ["min_mtu", "minmtu"],
  ["max_mtu", "maxmtu"],
  ["num_tx_queues", "numtxqueues"],
  ["num_rx_queues", "numrxqueues"],
  ["link_netnsid", "link-netnsid"],
  ["linkmode", "mode"],
]);
const ADDRESS_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["broadcast", "brd"],
  ["anycast", "any"],
  ["protocol", "proto"],
]);
/** Told by another line, or nothing that a text listing without `-s -d` would show. */
const ELSEWHERE: ReadonlySet<string> = new Set(
  (
    "ifindex ifname link link_index flags link_type address broadcast link_pointtopoint addr_info altnames ifalias stats64 stats " +
    "linkinfo"
  ).split(" "),
);
/** The kernel's INFINITY_LIFE_TIME. */
const FOREVER = "4294967295";

export function addressSegments(object: JsonObject, text: string): Segment[] {
  const segments: Segment[] = [];
  const push = (words: readonly Word[]): void => {
    const start = (words[0]?.start ?? object.start) - 1;
    segments.push({ words, start });
  };
  push(headerWords(object, text));
  const type = member(object, "link_type");
  if (type !== undefined) {
    const words = [renamed(jsonWord(type, text), `link/${jsonWord(type, text).text}`)];
    const address = member(object, "address");
    const broadcast = member(object, "broadcast");
    if (address !== undefined) words.push(jsonWord(address, text));
    if (broadcast !== undefined)
      words.push(renamed(jsonWord(broadcast, text), "brd"), jsonWord(broadcast, text));
    push(words);
  }
  const alias = member(object, "ifalias");
  if (alias !== undefined)
    push([renamed(jsonWord(alias, text), "alias"), insideQuotes(jsonWord(alias, text))]);
  const names = member(object, "altnames");
  for (const name of names?.kind === "array" ? names.items : []) {
    push([renamed(jsonWord(name, text), "altname"), jsonWord(name, text)]);
  }
  const addresses = member(object, "addr_info");
  for (const address of addresses?.kind === "array" ? addresses.items : []) {
    // `ip -j -4` prints an empty object for an address that it filtered out.
    if (address.kind === "object" && address.members.length > 0) push(addressWords(address, text));
  }
  return segments;
}

function headerWords(object: JsonObject, text: string): Word[] {
  const index = member(object, "ifindex");
  const name = member(object, "ifname");
  const link = member(object, "link") ?? member(object, "link_index");
  const indexWord =
    index === undefined ? { text: "", start: object.start, end: object.end } : jsonWord(index, text);
  const nameWord = name === undefined ? indexWord : jsonWord(name, text);
  const linkText =
    link === undefined ? "" : `@${link.kind === "number" ? "if" : ""}${jsonWord(link, text).text}`;
  const words = [
    renamed(indexWord, `${indexWord.text}:`),
    renamed(nameWord, `${name === undefined ? "" : nameWord.text}${linkText}:`),
  ];
  const flags = member(object, "flags");
  if (flags?.kind === "array") {
    const list = flags.items.map((flag) => jsonWord(flag, text).text).join(",");
    words.push({ text: `<${list}>`, start: flags.start, end: flags.end });
  }
  for (const { key, value } of object.members) {
    if (!ELSEWHERE.has(key.text))
      words.push(renamed(key, LINK_KEYWORDS.get(key.text) ?? key.text), jsonWord(value, text));
  }
  return words;
}

function addressWords(object: JsonObject, text: string): Word[] {
  const words: Word[] = [];
  const tail: Word[] = [];
  const family = member(object, "family");
  const local = member(object, "local");
  const peer = member(object, "address");
  const length = member(object, "prefixlen");
  const bits = length === undefined ? "" : `/${jsonWord(length, text).text}`;
  if (family !== undefined) words.push(jsonWord(family, text));
  if (local !== undefined)
    words.push(renamed(jsonWord(local, text), jsonWord(local, text).text + (peer === undefined ? bits : "")));
  if (peer !== undefined)
    words.push(
      renamed(jsonWord(peer, text), "peer"),
      renamed(jsonWord(peer, text), jsonWord(peer, text).text + bits),
    );
  for (const { key, value } of object.members) {
    if ([family, local, peer, length].includes(value)) continue;
    const word = jsonWord(value, text);
    if (key.text === "valid_life_time") tail.unshift(renamed(key, "valid_lft"), lifetime(word));
    else if (key.text === "preferred_life_time") tail.push(renamed(key, "preferred_lft"), lifetime(word));
    // A flag is a key with the value true.
    else if (value.kind === "literal") words.push(key);
    else words.push(renamed(key, ADDRESS_KEYWORDS.get(key.text) ?? key.text), word);
  }
  return [...words, ...tail];
}

function lifetime(word: Word): Word {
  return word.text === FOREVER ? renamed(word, "forever") : word;
}

/** The place of a string's text without its quotes: an alias is cut from the source, as it may hold blanks. */
function insideQuotes(word: Word): Word {
  return word.end - word.start >= word.text.length + 2
    ? { ...word, start: word.start + 1, end: word.end - 1 }
    : word;
}
