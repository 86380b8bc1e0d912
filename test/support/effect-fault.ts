/** A target's `symbolic` against what its `evaluate` does to one packet. */
import type { Rng } from "../../src/base/index.ts";
import { toWords } from "../../src/net/index.ts";
import type { Effect, FieldName, FieldValue, FieldWrite, Translation } from "../../src/pktset/index.ts";
import { type AnyTarget, type Backend, CT_INFO, type NatRequest, type Skb } from "../../src/xt/index.ts";
import { packetFields } from "./packet-fields.ts";
import { stubMachine } from "./stub-machine.ts";

type Values = ReadonlyMap<FieldName, FieldValue>;

/** What is wrong; undefined if nothing is. */
export function effectFault(
  target: AnyTarget,
  info: unknown,
  effect: Effect,
  skb: Skb,
  backend: Backend,
  rng: Rng,
): string | undefined {
  if (target.tables?.length === 1 && target.tables[0] === "raw") {
    // Nothing is tracked yet.
    skb.ct = undefined;
    skb.ctInfo = CT_INFO.ESTABLISHED;
  }
  const requests: NatRequest[] = [];
  const before = packetFields(skb).values;
  const outcome = target.evaluate(info, stubMachine(skb.family, backend, rng, requests))(skb);
  const after = packetFields(skb).values;
  switch (effect.kind) {
    case "unknown":
      return undefined;
    case "translate":
      // Only connections are translated.
      if (skb.ct === undefined) return undefined;
      if (outcome !== "accept" || requests.length !== 1) return `${outcome}, ${requests.length} translations`;
      return translationFault(effect.translation, requests[0] as NatRequest);
    case "continue":
    case "write": {
      if (outcome !== "continue" && outcome !== "unknown") return `evaluate says ${outcome}`;
      const writes = effect.kind === "write" ? effect.writes : [];
      return writeFault(target, writes, before, after);
    }
    default: {
      const wanted = effect.kind === "reject" ? "drop" : effect.kind;
      return outcome === wanted ? undefined : `evaluate says ${outcome}, symbolic ${effect.kind}`;
    }
  }
}

function writeFault(
  target: AnyTarget,
  writes: readonly FieldWrite[],
  before: Values,
  after: Values,
): string | undefined {
  for (const field of new Set([...before.keys(), ...after.keys()])) {
    // What TCPMSS adds to a header is in docs/fidelity.md.
    if (field === "length" && target.name === "TCPMSS") continue;
    const [old, changed] = [before.get(field), after.get(field)];
    const write = writes.find((each) => each.field === field);
    if (!isWritten(write, old, changed, before)) return `${field} was ${old} and is ${changed}`;
  }
  return undefined;
}

function isWritten(
  write: FieldWrite | undefined,
  old: FieldValue | undefined,
  changed: FieldValue | undefined,
  before: Values,
): boolean {
  if (write === undefined || old === undefined || changed === undefined) return old === changed;
  switch (write.kind) {
    case "bits":
      return changed === ((Number(old) & ~write.clear) ^ write.flip) >>> 0;
    case "copy": {
      const other = before.get(write.from);
      // Without a connection there is no mark to copy.
      if (other === undefined) return changed === old;
      return changed === ((Number(old) & ~write.clear) ^ (Number(other) & write.mask)) >>> 0;
    }
    case "some": {
      const { ranges } = write;
      return (
        ranges === undefined ||
        ranges.some((low, at) => at % 2 === 0 && changed >= low && changed <= (ranges[at + 1] as FieldValue))
      );
    }
  }
}

function translationFault({ manip, addresses, ports }: Translation, request: NatRequest): string | undefined {
  if (request.manip !== manip) return `evaluate translates ${request.manip}`;
  const asked = request.ports === undefined ? undefined : [request.ports.min, request.ports.max].join();
  const said = ports === undefined ? undefined : [ports.low, ports.high].join();
  if (asked !== said) return `evaluate asks for ports ${asked}, symbolic says ${said}`;
  if (addresses?.kind !== "range")
    return (addresses === undefined) === (request.addresses === undefined)
      ? undefined
      : "only one names addresses";
  const words = JSON.stringify({
    min: toWords(addresses.low as never),
    max: toWords(addresses.high as never),
  });
  return JSON.stringify(request.addresses) === words
    ? undefined
    : `addresses ${JSON.stringify(request.addresses)}`;
}
