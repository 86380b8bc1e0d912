/** `ip -j route`: each object as the words that `ip route` would print for it, with their places in the JSON. */
import { jsonWord, renamed } from "./ip-words.ts";
import { type JsonNode, type JsonObject, member } from "./json.ts";
import type { Word } from "./words.ts";

/** JSON keys whose text keyword has another name; other keys are their own keyword. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["gateway", "via"],
  ["protocol", "proto"],
  ["prefsrc", "src"],
  ["congestion", "congctl"],
]);
const MILLISECONDS: ReadonlySet<string> = new Set(["rtt", "rttvar", "rto_min"]);
/** Keys that come after an encapsulation's own, which may be called `src`, `dst` and `tos` as well. */
const AFTER_ENCAP: ReadonlySet<string> = new Set(
  "gateway via dev nhid metric protocol scope prefsrc flags table metrics pref nexthops weight".split(" "),
);

export function routeWords(object: JsonObject, text: string): Word[] {
  const words: Word[] = [];
  const type = member(object, "type");
  const destination = member(object, "dst");
  if (type !== undefined) words.push(jsonWord(type, text));
  if (destination !== undefined) words.push(jsonWord(destination, text));
  const skipped = new Set([type, destination]);
  let encap: Word[] | undefined;
  for (const { key, value } of object.members) {
    if (skipped.has(value)) continue;
    if (encap !== undefined && !AFTER_ENCAP.has(key.text)) {
      encap.push(key, encapWord(value, text));
      continue;
    }
    if (key.text === "encap") {
      encap = [jsonWord(value, text)];
      words.push(key);
      continue;
    }
    if (encap !== undefined) words.push(joined(encap));
    encap = undefined;
    words.push(...memberWords(key, value, text));
  }
  if (encap !== undefined) words.push(joined(encap));
  return words;
}

/** A list of segments as the text prints it: `1 [ 2001:db8::5 ]`. */
function encapWord(value: JsonNode, text: string): Word {
  if (value.kind !== "array") return jsonWord(value, text);
  const items = value.items.map((item) => jsonWord(item, text).text);
  return { text: `${items.length} [ ${items.join(" ")} ]`, start: value.start, end: value.end };
}

function joined(words: readonly Word[]): Word {
  const first = words[0] as Word;
  return {
    text: words.map((word) => word.text).join(" "),
    start: first.start,
    end: (words[words.length - 1] as Word).end,
  };
}

function memberWords(key: Word, value: JsonNode, text: string): Word[] {
  if (value.kind === "array") {
    if (key.text === "flags") return value.items.map((item) => jsonWord(item, text));
    if (key.text === "metrics")
      return value.items.flatMap((item) => (item.kind === "object" ? metricWords(item, text) : []));
    if (key.text === "nexthops") {
      return value.items.flatMap((item) => [
        renamed(key, "nexthop"),
        ...(item.kind === "object" ? routeWords(item, text) : [jsonWord(item, text)]),
      ]);
    }
  }
  if (value.kind === "object") {
    const family = member(value, "family");
    const host = member(value, "host");
    if (key.text === "via" && family !== undefined && host !== undefined) {
      return [key, jsonWord(family, text), jsonWord(host, text)];
    }
    const to = member(value, "to");
    const from = member(value, "from");
    if (key.text === "flow" && to !== undefined) {
      const realms = from === undefined ? [to] : [from, to];
      const name = realms.map((realm) => jsonWord(realm, text).text).join("/");
      return [renamed(key, "realms"), { text: name, start: value.start, end: value.end }];
    }
    // `-d` repeats the nexthop object; the text reader skips it as it does in the text.
    if (key.text === "nh_info") return [];
  }
  return [renamed(key, KEYWORDS.get(key.text) ?? key.text), jsonWord(value, text)];
}

function metricWords(object: JsonObject, text: string): Word[] {
  return object.members.flatMap(({ key, value }) => {
    if (value.kind === "literal") return [renamed(key, "features"), key];
    const word = jsonWord(value, text);
    const unit = MILLISECONDS.has(key.text) ? "ms" : "";
    return [renamed(key, KEYWORDS.get(key.text) ?? key.text), renamed(word, word.text + unit)];
  });
}
