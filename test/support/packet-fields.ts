/** Field values of one packet, read from its bytes and what the kernel keeps beside it, and what a condition says of them. */
import { type AddressWords, get16, readWords } from "../../src/net/index.ts";
import {
  type Condition,
  CT_STATES,
  type FieldName,
  type FieldValue,
  PACKET_TYPES,
} from "../../src/pktset/index.ts";
import { CT_INFO, isReply, type Skb } from "../../src/xt/index.ts";

/** Interfaces by name. Fields that the packet does not have are absent. */
export interface PacketFields {
  readonly values: ReadonlyMap<FieldName, FieldValue>;
  readonly in: string;
  readonly out: string;
}

const CT_STATUS_MASK = 0x3f;

export function addressValue({ w0, w1, w2, w3 }: AddressWords, family: Skb["family"]): FieldValue {
  if (family === "ipv4") return w3 >>> 0;
  return [w0, w1, w2, w3].reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
}

function stateOf({ ct, ctInfo }: Skb): (typeof CT_STATES)[number] {
  if (ct === undefined) return ctInfo === CT_INFO.UNTRACKED ? "UNTRACKED" : "INVALID";
  if (ctInfo === CT_INFO.NEW) return "NEW";
  return ctInfo === CT_INFO.RELATED || ctInfo === CT_INFO.RELATED_REPLY ? "RELATED" : "ESTABLISHED";
}

/** Transport fields are those of the bytes at their place, whatever the protocol: a rule says of which protocol it speaks. */
export function packetFields(skb: Skb): PacketFields {
  const { family, bytes, transport, ct } = skb;
  const four = family === "ipv4";
  const values = new Map<FieldName, FieldValue>([
    ["src", addressValue(readWords(family, bytes, four ? 12 : 8), family)],
    ["dst", addressValue(readWords(family, bytes, four ? 16 : 24), family)],
    ["protocol", skb.protocol],
    ["fragment", skb.fragmentOffset === 0 ? 0 : 1],
    ["length", four ? get16(bytes, 2) : get16(bytes, 4) + 40],
    ["ttl", bytes[four ? 8 : 7] as number],
    ["tos", four ? (bytes[1] as number) : (get16(bytes, 0) >>> 4) & 0xff],
    ["pkttype", PACKET_TYPES.indexOf(skb.packetType)],
    ["mark", skb.mark],
    ["ctstate", CT_STATES.indexOf(stateOf(skb))],
  ]);
  // Without a link header there is no address, which is none of all.
  values.set(
    "mac",
    skb.sourceMac?.length === 6 ? skb.sourceMac.reduce((sum, octet) => sum * 256 + octet, 0) : -1,
  );
  // A later IPv4 fragment has there what its data spell, which is what nft compares.
  if ((skb.fragmentOffset === 0 || four) && skb.hasTransport(4)) {
    values.set("sport", get16(bytes, transport));
    values.set("dport", get16(bytes, transport + 2));
    values.set("icmp", get16(bytes, transport));
    if (skb.hasTransport(14)) values.set("tcpflags", bytes[transport + 13] as number);
  }
  if (ct !== undefined) {
    values.set("ctdir", isReply(skb.ctInfo) ? 1 : 0);
    values.set("ctstatus", ct.status & CT_STATUS_MASK);
    values.set("connmark", ct.mark);
  }
  return { values, in: skb.inDevice, out: skb.outDevice };
}

/** undefined: an unknown decides, or a field that the packet does not have. */
export function holds(condition: Condition, packet: PacketFields): boolean | undefined {
  switch (condition.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "unknown":
      return undefined;
    case "interface": {
      const { name } = condition;
      const device = packet[condition.field];
      return name.endsWith("+") ? device.startsWith(name.slice(0, -1)) : device === name;
    }
    case "not": {
      const inner = holds(condition.part, packet);
      return inner === undefined ? undefined : !inner;
    }
    case "and":
    case "or": {
      const answers = condition.parts.map((part) => holds(part, packet));
      const decisive = condition.kind === "or";
      if (answers.includes(decisive)) return decisive;
      return answers.includes(undefined) ? undefined : !decisive;
    }
    case "ranges": {
      const value = packet.values.get(condition.field);
      const { ranges } = condition;
      return value === undefined
        ? undefined
        : ranges.some((low, at) => at % 2 === 0 && value >= low && value <= (ranges[at + 1] as FieldValue));
    }
    case "masked": {
      const value = packet.values.get(condition.field);
      return value === undefined
        ? undefined
        : (BigInt(value) & BigInt(condition.mask)) === BigInt(condition.value);
    }
  }
}
