/** The shape of a case file, and reading one. */
import { z } from "zod";
import type { Diagnostic } from "../base/index.ts";
import { readJsonText } from "../hoststate/index.ts";
import { findMisspelt, findWrongNames } from "./case-fields.ts";
import { badField, notJson } from "./case-text.ts";
import { issueText } from "./case-wording.ts";

const text = z.string();
const count = z.number().int().nonnegative();
const address = z.string().min(2);

/** A packet by its fields; what is left out gets the value that a plain packet has. */
const packetFields: z.ZodType<PacketFields> = z
  .object({
    src: address,
    dst: address,
    proto: z.union([text, count.max(255)]).optional(),
    sport: count.max(65_535).optional(),
    dport: count.max(65_535).optional(),
    flags: z
      .string()
      .regex(/^[FSRPAUEC]*$/, "letters of FSRPAUEC")
      .optional(),
    seq: z.number().int().optional(),
    ack: z.number().int().optional(),
    win: count.max(65_535).optional(),
    urp: count.max(65_535).optional(),
    opts_hex: text.optional(),
    ipopts_hex: text.optional(),
    payload: text.optional(),
    payload_hex: text.optional(),
    pad: count.max(65_535).optional(),
    ttl: count.max(255).optional(),
    tos: count.max(255).optional(),
    id: count.max(65_535).optional(),
    df: z.union([z.boolean(), count]).optional(),
    mf: z.union([z.boolean(), count]).optional(),
    frag: count.max(65_528).multipleOf(8).optional(),
    // As a slice is written: a part that ends before it begins is empty.
    l4_slice: z.tuple([count, count]).optional(),
    type: count.max(255).optional(),
    code: count.max(255).optional(),
    rest: count.optional(),
    icmp_id: count.max(65_535).optional(),
    icmp_seq: count.max(65_535).optional(),
    inner_len: count.optional(),
    badsum: z.union([z.boolean(), count]).optional(),
    inner: z.union([text, z.lazy((): z.ZodType<PacketFields> => packetFields)]).optional(),
  })
  .loose();

export interface PacketFields {
  readonly src: string;
  readonly dst: string;
  readonly proto?: string | number | undefined;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  readonly flags?: string | undefined;
  readonly seq?: number | undefined;
  readonly ack?: number | undefined;
  readonly win?: number | undefined;
  readonly urp?: number | undefined;
  readonly opts_hex?: string | undefined;
  readonly ipopts_hex?: string | undefined;
  readonly payload?: string | undefined;
  readonly payload_hex?: string | undefined;
  readonly pad?: number | undefined;
  readonly ttl?: number | undefined;
  readonly tos?: number | undefined;
  readonly id?: number | undefined;
  readonly df?: boolean | number | undefined;
  readonly mf?: boolean | number | undefined;
  readonly frag?: number | undefined;
  readonly l4_slice?: readonly [number, number] | undefined;
  readonly type?: number | undefined;
  readonly code?: number | undefined;
  readonly rest?: number | undefined;
  readonly icmp_id?: number | undefined;
  readonly icmp_seq?: number | undefined;
  readonly inner?: string | PacketFields | undefined;
  readonly inner_len?: number | undefined;
  readonly badsum?: boolean | number | undefined;
}

const mac = z
  .string()
  .regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, "a MAC address such as 02:00:00:00:00:01");

const step = z
  .object({
    id: z.union([text, z.number()]).optional(),
    in: text.optional(),
    out: z.boolean().optional(),
    pkt: packetFields.optional(),
    hex: text.optional(),
    frame: z.boolean().optional(),
    smac: mac.optional(),
    dmac: mac.optional(),
    delay_ms: z.number().nonnegative().optional(),
    cmd: text.optional(),
  })
  .loose();

const caseFile = z
  .object({
    name: text.optional(),
    backend: z.enum(["legacy", "nft"]).optional(),
    dut: z
      .object({
        ifaces: z.record(
          text,
          z
            .object({
              addrs: z.array(address).optional(),
              mac: mac.optional(),
              mtu: count.min(68).max(65_535).optional(),
            })
            .loose(),
        ),
        routes: z.array(text).optional(),
        rules: z.array(text).optional(),
        sysctl: z.record(text, z.union([z.number(), text])).optional(),
        listen: z
          .array(
            z
              .object({ proto: z.enum(["tcp", "udp"]), port: count.max(65_535), addr: text.optional() })
              .loose(),
          )
          .optional(),
      })
      .loose(),
    ipset: text.optional(),
    ruleset: text.optional(),
    ruleset6: text.optional(),
    sniff_protos: z.array(count).optional(),
    observe_ct: z.boolean().optional(),
    /** When the case happens, in UTC; without it rules that ask the time are unknown. */
    now: z.iso.datetime().optional(),
    /** How long the host has been up; without it a month. */
    uptime_sec: z.number().nonnegative().optional(),
    packets: z.array(step),
  })
  .loose();

export type CaseFile = z.infer<typeof caseFile>;
export type CaseStep = z.infer<typeof step>;

/**
 * Reads a case.
 * @returns the case, or what is wrong with it, at the place in the text where that can be told.
 */
export function parseCase(source: string, json: string): CaseFile | readonly Diagnostic[] {
  const text = { source, json };
  const read = readJsonText(json);
  if ("fault" in read) return [notJson(text, read.fault)];
  const spelling = findMisspelt(text, read.node);
  const parsed = caseFile.safeParse(JSON.parse(json));
  if (parsed.success && spelling.length === 0) {
    const wrong = findWrongNames(text, parsed.data);
    return wrong.length === 0 ? parsed.data : wrong;
  }
  const issues = (parsed.error?.issues ?? []).map((issue) => badField(text, issue.path, issueText(issue)));
  return withoutRepeats([...spelling, ...issues]);
}

/** Of several findings at one place the first is enough. */
function withoutRepeats(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return findings.filter(({ span, message }) => {
    const key = `${span.start} ${message.split(": ")[0]}`;
    const fresh = !seen.has(key);
    seen.add(key);
    return fresh;
  });
}

/** The texts that stand inside a case, each under the name by which findings in it go. */
export function embeddedTexts(source: string, file: CaseFile): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const field of ["ruleset", "ruleset6", "ipset"] as const) {
    const text = file[field];
    if (text !== undefined) texts.set(`${source} ${field}`, text.endsWith("\n") ? text : `${text}\n`);
  }
  return texts;
}
