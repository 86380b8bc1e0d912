/**
 * What can be reached from one interface, as a person would list it: each service with its public address, the backend
 * behind it after translation, who may come, and the rules that make it so.
 */
import {
  type Box,
  boxesOf,
  type Condition,
  describeRanges,
  type FieldName,
  type FieldValue,
  type PacketValues,
  type Side,
} from "../pktset/index.ts";
import { type MetRule, type Outcome, Path, type PathOptions } from "../reach/index.ts";
import { arrivalText, backendOf } from "./describe-outcome.ts";
import { explainPath } from "./explain-path.ts";
import { NEW_PACKET } from "./packet-states.ts";

export interface ExposedService {
  /** `tcp`, `tcp,udp`, `any`. */
  readonly protocol: string;
  readonly address: string;
  /** Destination ports, or ICMP type and code; `any`. */
  readonly port: string;
  /** Where it really goes after translation; undefined if it is not translated. */
  readonly backend: string | undefined;
  /** `this host`, or the interfaces that it leaves by. */
  readonly to: string;
  readonly sources: string;
  readonly rules: readonly MetRule[];
  readonly witness: PacketValues;
  /** Surely reachable; false: only if some test that no header decides lets it. */
  readonly exact: boolean;
}

export interface ExposureOptions extends Pick<PathOptions, "ruleset" | "context" | "routing"> {
  /** The interface that packets come in by. */
  readonly from: string;
}

export interface Exposure {
  readonly services: readonly ExposedService[];
  readonly exact: boolean;
}

const SHOWN: readonly FieldName[] = ["protocol", "dst", "dport", "icmp", "src"];
/** Rows beyond which nobody reads on; the rest is counted. */
const MAX_ROWS = 2000;

export function exposure({ ruleset, context, routing, from }: ExposureOptions): Exposure {
  const comesIn: Condition = { kind: "interface", field: "in", name: from };
  const path = new Path({
    ruleset,
    context,
    routing,
    assumptions: NEW_PACKET,
    fields: ["protocol", "dst", "dport", "src", "in"],
    order: ["protocol", "dst", "dport", "icmp", "src", "sport"],
    conditions: [comesIn],
  });
  const { space, outcomes } = path;
  const { diagrams } = space;
  const [level] = space.levelsOf("in") as [number];
  const coming = diagrams.fix(path.incoming, new Map([[level, space.interfaces.numberOf(from)]]));
  const hidden = new Set(
    space.order
      .filter(({ field }) => !SHOWN.includes(field))
      .flatMap(({ field }) => [...space.levelsOf(field)]),
  );
  const services: ExposedService[] = [];
  /** Terminals by what a person sees of them. */
  const kinds = new Map<string, { values: number[]; outcome: Outcome; sure: boolean }>();
  for (const value of diagrams.values(coming)) {
    const possible = outcomes.of(value);
    const passing = possible.filter((outcome) => path.arrival(outcome) !== undefined);
    for (const outcome of passing) {
      const sure = passing.length === possible.length;
      const key = `${backendOf(space, outcome)} ${arrivalText(path, outcome)} ${sure}`;
      const kind = kinds.get(key);
      if (kind === undefined) kinds.set(key, { values: [value], outcome, sure });
      else kind.values.push(value);
    }
  }
  for (const { values, outcome, sure } of kinds.values()) {
    const wanted = new Set(values);
    const set = diagrams.some(
      diagrams.where(coming, (value) => wanted.has(value)),
      hidden,
    );
    for (const box of boxesOf(space, set, 1, MAX_ROWS))
      services.push(serviceOf(path, box, outcome, sure, from));
  }
  return {
    services: services.sort(compareServices),
    exact: path.routing.exact && services.every(({ exact }) => exact),
  };
}

function serviceOf(path: Path, box: Box, outcome: Outcome, sure: boolean, from: string): ExposedService {
  const { space } = path;
  const text = (field: FieldName): string => {
    const side = box.find((each) => each.field === field);
    return side === undefined ? "any" : describeRanges(space, field, side.ranges);
  };
  const witness = new Map<FieldName, FieldValue>([["in", space.interfaces.numberOf(from)]]);
  for (const [field, value] of NEW_PACKET) witness.set(field, value);
  for (const { field, ranges } of box) witness.set(field, middle(ranges));
  return {
    protocol: text("protocol"),
    address: text("dst"),
    port: box.some(({ field }) => field === "icmp") ? text("icmp") : text("dport"),
    backend: backendOf(space, outcome),
    to: arrivalText(path, outcome),
    sources: text("src"),
    rules: explainPath(path, witness, outcome),
    witness,
    exact: sure,
  };
}

const middle = (ranges: Side["ranges"]): FieldValue => {
  const [low, high] = ranges as readonly [FieldValue, FieldValue];
  return typeof low === "number" && low % 256 === 0 && high > low ? low + 1 : low;
};

function compareServices(a: ExposedService, b: ExposedService): number {
  const key = ({ to, protocol, address, port }: ExposedService): string =>
    `${to === "this host" ? 0 : 1} ${to} ${protocol} ${address} ${port.padStart(6)}`;
  return key(a) < key(b) ? -1 : 1;
}
