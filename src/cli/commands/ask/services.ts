/** `postern ask services`: groups of addresses that a chain treats alike, and who may talk to whom. */
import { addressBits, type Family } from "../../../net/index.ts";
import { describeAddresses, type Ranges } from "../../../pktset/index.ts";
import { type AddressGroup, type ServiceGroups, services } from "../../../query/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { readAsked, tableOfChain } from "./asked-ruleset.ts";
import { readInterfaces } from "./interfaces-file.ts";
import { parseService } from "./service-name.ts";

export interface ServicesOptions {
  readonly chain: string;
  readonly service: string;
  readonly interfaces?: string;
  readonly family?: Family;
  readonly json?: boolean;
  readonly dot?: boolean;
}

/** Ranges of a group that a label in a picture has room for. */
const LABEL_RANGES = 6;

/** @returns the exit code. */
export async function askServices(path: string, options: ServicesOptions): Promise<number> {
  const { chain, json, dot, interfaces } = options;
  const service = parseService(options.service);
  const title = `${chain} ${options.service}`;
  if (json === true && dot === true) throw new Failure(2, "--json and --dot exclude each other");
  const asked = readAsked(path, options.family);
  const { family } = asked.ruleset;
  const answer = services({
    table: tableOfChain(asked, chain),
    chain,
    context: asked.context,
    service,
    behind: interfaces === undefined ? undefined : readInterfaces(interfaces, family),
  });
  if (answer === undefined)
    throw new Failure(
      3,
      "the answer has too many address ranges to list: some rules test addresses under masks with holes",
    );
  await writeOut(
    json === true
      ? servicesJson(answer, family)
      : dot === true
        ? servicesDot(answer, family, title)
        : servicesText(answer, family, title),
  );
  return 0;
}

function addressTexts(ranges: Ranges, family: Family): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < ranges.length; at += 2)
    texts.push(
      describeAddresses(
        ranges[at] as (typeof ranges)[number],
        ranges[at + 1] as (typeof ranges)[number],
        addressBits(family),
      ),
    );
  return texts;
}

function servicesJson({ groups, edges, exact, open }: ServiceGroups, family: Family): string {
  return `${JSON.stringify({
    groups: groups.map(({ id, addresses, size }) => ({
      id,
      addresses: addressTexts(addresses, family),
      size: `${size}`,
    })),
    edges,
    exact,
    ...(exact ? {} : { open }),
  })}\n`;
}

function targetsOf(edges: ServiceGroups["edges"]): ReadonlyMap<number, readonly number[]> {
  const targets = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const list = targets.get(from);
    if (list === undefined) targets.set(from, [to]);
    else list.push(to);
  }
  return targets;
}

function servicesText({ groups, edges, exact, open }: ServiceGroups, family: Family, what: string): string {
  const lines = [
    `${what}: ${counted(groups.length, "group")} of addresses, ${counted(edges.length, "allowed pair")} of groups`,
    "",
  ];
  const targets = targetsOf(edges);
  for (const { id, addresses, size } of groups) {
    lines.push(...wrap(`${id}: ${addressTexts(addresses, family).join(", ")} (${size})`, "   "));
    const to = targets.get(id) ?? [];
    lines.push(
      ...wrap(
        to.length === 0 ? "   reaches nobody" : `   reaches ${numberRanges(to, groups.length)}`,
        "     ",
      ),
    );
  }
  if (!exact)
    lines.push(
      "",
      ...wrap(
        `Not exact: a pair counts as allowed if some packet may pass. Left open: ${open.slice(0, 12).join("; ")}${open.length > 12 ? "; …" : ""}`,
        "  ",
      ),
    );
  return `${lines.join("\n")}\n`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** `1-3, 7`, or `all`. */
function numberRanges(numbers: readonly number[], of: number): string {
  if (numbers.length === of) return "all";
  const texts: string[] = [];
  let first = 0;
  numbers.forEach((number, at) => {
    if (numbers[at + 1] === number + 1) return;
    const low = numbers[first] as number;
    texts.push(low === number ? `${low}` : `${low}-${number}`);
    first = at + 1;
  });
  return texts.join(", ");
}

function servicesDot({ groups, edges }: ServiceGroups, family: Family, title: string): string {
  const lines = ["digraph services {", `  label=${JSON.stringify(title)};`, "  node [shape=box];"];
  for (const group of groups) lines.push(`  g${group.id} [label="${labelOf(group, family)}"];`);
  for (const [from, to] of edges) lines.push(`  g${from} -> g${to};`);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

function labelOf({ id, addresses }: AddressGroup, family: Family): string {
  const texts = addressTexts(addresses.slice(0, 2 * LABEL_RANGES), family);
  const rest = addresses.length / 2 - texts.length;
  return [`group ${id}`, ...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\\n");
}
