/** Names in a case: fields that are misspelt or not read, keys that come twice, devices that cannot be called so. */
import { closest, type Diagnostic } from "../base/index.ts";
import { type JsonNode, readJsonText } from "../hoststate/index.ts";
import { isObeyedSysctl } from "../sim/index.ts";
import type { CaseFile } from "./case-file.ts";
import { badField, type CaseText, shortened } from "./case-text.ts";

interface Shape {
  /** Fields by name; what a field holds, if that is an object or a list of objects. */
  readonly fields?: Readonly<Record<string, Shape | undefined>>;
  /** Names are the person's own; what each holds. */
  readonly each?: Shape;
}

const named = (words: string): Readonly<Record<string, undefined>> =>
  Object.fromEntries(words.split(" ").map((word) => [word, undefined]));

const packet: { fields: Record<string, Shape | undefined> } = {
  fields: named(
    "src dst proto sport dport flags seq ack win urp opts_hex ipopts_hex payload payload_hex pad ttl tos id df mf frag " +
      "l4_slice type code rest icmp_id icmp_seq inner inner_len badsum",
  ),
};
packet.fields.inner = packet;

const CASE: Shape = {
  fields: {
    ...named("name desc description comment note backend ipset ruleset ruleset6 sniff_protos observe_ct now"),
    dut: {
      fields: {
        ifaces: { each: { fields: named("addrs mac mtu") } },
        ...named("routes rules"),
        sysctl: { each: {} },
        listen: { fields: named("proto port addr") },
      },
    },
    packets: { fields: { ...named("id in out hex frame smac dmac delay_ms cmd"), pkt: packet } },
  },
};

interface Found {
  readonly path: readonly PropertyKey[];
  readonly key: { readonly text: string; readonly start: number; readonly end: number };
  readonly known: readonly string[] | undefined;
  readonly again: boolean;
}

/** Every key that the shape does not have, and every one that comes twice. */
function strangeKeys(node: JsonNode, shape: Shape, path: readonly PropertyKey[], found: Found[]): void {
  if (node.kind === "array")
    node.items.forEach((item, at) => {
      strangeKeys(item, shape, [...path, at], found);
    });
  if (node.kind !== "object") return;
  const { fields, each } = shape;
  const seen = new Set<string>();
  for (const { key, value } of node.members) {
    const own = [...path, key.text];
    if (seen.has(key.text)) found.push({ path: own, key, known: undefined, again: true });
    seen.add(key.text);
    if (each !== undefined) strangeKeys(value, each, own, found);
    else if (fields !== undefined && !Object.hasOwn(fields, key.text))
      found.push({ path: own, key, known: Object.keys(fields), again: false });
    else strangeKeys(value, fields?.[key.text] ?? {}, own, found);
  }
}

/** The field that was most likely meant: a slip away, or a beginning of it as `delay` of `delay_ms`. */
function meantField(word: string, known: readonly string[]): string | undefined {
  const begins = known.find(
    (each) => word.length >= 4 && each.length >= 4 && (each.startsWith(word) || word.startsWith(each)),
  );
  return closest(word, known) ?? begins;
}

/** Misspelt fields would be left aside, and the case would be another one; of a key that comes twice JSON keeps one. */
export function findMisspelt(text: CaseText, node: JsonNode): readonly Diagnostic[] {
  const found: Found[] = [];
  strangeKeys(node, CASE, [], found);
  return found.flatMap(({ path, key, known, again }): readonly Diagnostic[] => {
    const span = { source: text.source, start: key.start, end: key.end };
    if (again)
      return [{ ...badField(text, path, "this comes twice"), span, hint: "leave one of the two out" }];
    const meant = meantField(key.text, known ?? []);
    if (meant === undefined) return [];
    return [{ ...badField(text, path, "there is no such field"), span, hint: `did you mean "${meant}"?` }];
  });
}

/** What of a case changes nothing, since the machine does not read it: a note each. */
export function unreadFields(source: string, json: string): readonly Diagnostic[] {
  const read = readJsonText(json);
  if ("fault" in read) return [];
  const found: Found[] = [];
  strangeKeys(read.node, CASE, [], found);
  const unread = found.map(({ path, key }) => note(source, key, `the field "${shortened(path.join("."))}"`));
  const dut = memberOf(read.node, "dut");
  const sysctl = dut === undefined ? undefined : memberOf(dut, "sysctl");
  if (sysctl?.kind === "object")
    for (const { key } of sysctl.members)
      if (!isObeyedSysctl(key.text)) unread.push(note(source, key, `the setting ${shortened(key.text)}`));
  return unread;
}

const memberOf = (node: JsonNode, name: string): JsonNode | undefined =>
  node.kind === "object" ? node.members.find(({ key }) => key.text === name)?.value : undefined;

const note = (source: string, { start, end }: Found["key"], what: string): Diagnostic => ({
  code: "case/not-read",
  severity: "note",
  message: `${what} changes nothing: the machine does not read it`,
  span: { source, start, end },
});

/** Kernel: dev_valid_name(); IFNAMSIZ. */
const DEVICE_NAME = /^(?!\.{1,2}$)[^\s/:\0]{1,15}$/;

/** Devices that no kernel would have. */
export function findWrongNames(text: CaseText, { dut }: CaseFile): readonly Diagnostic[] {
  return Object.keys(dut.ifaces).flatMap((name): readonly Diagnostic[] => {
    const path = ["dut", "ifaces", name];
    if (name === "lo") return [badField(text, path, "every host has this device already")];
    if (DEVICE_NAME.test(name)) return [];
    return [badField(text, path, "a device's name has 1 to 15 characters, none of them a blank, / or :")];
  });
}
