/** One ruleset that a capture runs through: the host that has it, and what became of the packet at hand. */
import { type CapturedPacket, type Family, findSourceMac, frameType, PROTOCOL } from "../net/index.ts";
import { isOpaque, type Rule } from "../ruleset/index.ts";
import {
  arrivalOf,
  HookPassage,
  type Host,
  type LoneHook,
  OWN,
  Packet,
  passRouted,
  RunningChain,
  RunningRule,
  type TableVerdict,
} from "../sim/index.ts";
import { type ConnectionView, CT_INFO, CT_STATUS, type TupleView } from "../xt/index.ts";
import { indexChains } from "./chain-index.ts";

/**
 * `stolen`: a fragment that waits for the others, or a packet that a target took over. `none`: no ruleset of its
 * family. `discard`: the kernel itself goes no further, for want of a route, say.
 */
export const VERDICTS = ["accept", "drop", "reject", "discard", "stolen", "none"] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** The rule, or the chain whose policy, that decided; undefined: the kernel's own parts did (a full table, a broken header). */
export type Decider = RunningRule | RunningChain | undefined;

export interface LaneOptions {
  /** The one hook that packets pass; undefined: the host's routes decide which, and its nat tables translate. */
  readonly hook: LoneHook | undefined;
  /**
   * Devices that packets come in and leave by; empty: no name, so that no `-i` or `-o` holds. With routes they come in where
   * the way back to their source leads, if nobody says.
   */
  readonly inDevice: string;
  readonly outDevice: string;
  /** No conntrack: TCP is NEW by its flags or else ESTABLISHED, everything else is NEW. */
  readonly stateless: boolean;
}

/** Targets that change no byte of the packet. */
const LEAVES_BYTES: ReadonlySet<string> = new Set([
  "ACCEPT",
  "AUDIT",
  "CLASSIFY",
  "CONNMARK",
  "CONNSECMARK",
  "CT",
  "DROP",
  "IDLETIMER",
  "LED",
  "LOG",
  "MARK",
  "NFLOG",
  "NFQUEUE",
  "NOTRACK",
  "QUEUE",
  "RATEEST",
  "REJECT",
  "RETURN",
  "SECMARK",
  "SET",
  "TEE",
  "TRACE",
]);

export class Lane {
  readonly host: Host;
  readonly packets = new Float64Array(VERDICTS.length);
  readonly bytes = new Float64Array(VERDICTS.length);
  /** What could not be decided, by rule, and for how many packets it was taken not to hold. */
  readonly undecided = new Map<string, number>();
  /** Packets for which something was not decided. */
  uncertain = 0;
  /** Index in VERDICTS. */
  verdict = 0;
  decider: Decider;
  /** Why the kernel went no further, and with how many packets. */
  readonly discards = new Map<string, number>();
  /** undefined: by the host's routes. */
  readonly #passages: Readonly<Record<Family, HookPassage>> | undefined;
  readonly #inDevice: string;
  readonly #received: Readonly<Record<Family, Packet>>;
  readonly #sent: Readonly<Record<Family, Packet>>;
  readonly #rewrites: boolean;
  readonly #asksMac: boolean;
  #asked = false;
  #last: Decider;
  /** The last rule or policy of the filter table. */
  #lastOfFilter: Decider;

  constructor(host: Host, { hook, inDevice, outDevice, stateless }: LaneOptions) {
    this.host = host;
    this.#inDevice = inDevice;
    this.#received = packetsOf(false);
    this.#sent = packetsOf(true);
    if (hook !== undefined) {
      const passage = { hook, inDevice, outDevice, track: stateless ? stateByFlags : undefined };
      this.#passages = {
        ipv4: new HookPassage(host, "ipv4", passage),
        ipv6: new HookPassage(host, "ipv6", passage),
      };
      if (hook === "OUTPUT") this.#received = this.#sent;
    }
    // What a network card will fill in, or was cut off, is wrong in a capture and right on the wire.
    host.conntrack.settings = { ...host.conntrack.settings, checksum: false };
    const rules = rulesOf(host);
    this.#rewrites = hook === undefined || rules.some(({ source }) => changesBytes(source));
    this.#asksMac = rules.some(({ source }) => usesMatch(source, "mac"));
    for (const rule of rules) keepQuiet(rule);
    indexChains(host);
    host.watchWalk({
      counted: (rule) => this.#met(rule),
      policyCounted: (chain) => this.#met(chain),
      decide: (rule, what) => {
        const key = `${rule.table} ${rule.chain} ${rule.index}: ${what}`;
        this.undecided.set(key, (this.undecided.get(key) ?? 0) + 1);
        this.#asked = true;
        return false;
      },
    });
  }

  #met(decider: RunningRule | RunningChain): void {
    this.#last = decider;
    if (decider.table === "filter") this.#lastOfFilter = decider;
  }

  /** Sends a packet through; `verdict` and `decider` then tell. @returns the packet as it was judged. */
  judge(family: Family, bytes: Uint8Array, captured: CapturedPacket): Packet {
    const device = this.#passages === undefined ? this.#arrival(family, bytes, captured) : "";
    const skb = (device === OWN ? this.#sent : this.#received)[family];
    skb.become(this.#rewrites ? bytes.slice() : bytes);
    this.decider = undefined;
    if (this.host.tables[family] === undefined) {
      this.#count(NO_RULES, bytes.length);
      return skb;
    }
    if (!skb.local) this.#addLink(skb, captured);
    this.#last = undefined;
    this.#lastOfFilter = undefined;
    this.#asked = false;
    const verdict =
      this.#passages === undefined ? this.#route(skb, device) : this.#passages[family].pass(skb);
    if (this.#asked) this.uncertain++;
    const { length } = skb.bytes;
    if (verdict === "accept") {
      this.decider = this.#lastOfFilter ?? this.#last;
      this.#count(ACCEPT, length);
      return skb;
    }
    if (verdict === "discard") {
      this.#count(DISCARD, length);
      return skb;
    }
    const last = this.#last;
    this.decider = last !== undefined && mayRefuse(last) ? last : undefined;
    this.#count(verdict === "stolen" ? STOLEN : isReject(this.decider) ? REJECT : DROP, length);
    return skb;
  }

  /** Counts a packet that no stack would look at further. */
  refuseBroken(lengthBytes: number): void {
    const reason = "the IP header is broken";
    this.discards.set(reason, (this.discards.get(reason) ?? 0) + 1);
    this.decider = undefined;
    this.#count(DISCARD, lengthBytes);
  }

  /** Where a packet comes in: as we were told, as the capture names it if the host has such a device, or as routes say. */
  #arrival(family: Family, bytes: Uint8Array, { interfaceName }: CapturedPacket): string | undefined {
    const { host } = this;
    const back = arrivalOf(host, family, bytes);
    if (back === OWN) return OWN;
    if (this.#inDevice !== "") return this.#inDevice;
    return interfaceName !== undefined && host.network.device(interfaceName) !== undefined
      ? interfaceName
      : back;
  }

  #route(skb: Packet, device: string | undefined): TableVerdict | "discard" {
    const verdict =
      device === undefined
        ? { discarded: "no route leads back to the source, so that nobody knows where it came in" }
        : passRouted(this.host, skb, device === OWN ? undefined : device);
    if (typeof verdict === "string") return verdict;
    const { discarded } = verdict;
    this.discards.set(discarded, (this.discards.get(discarded) ?? 0) + 1);
    return "discard";
  }

  #count(verdict: number, length: number): void {
    this.verdict = verdict;
    this.packets[verdict] = (this.packets[verdict] as number) + 1;
    this.bytes[verdict] = (this.bytes[verdict] as number) + length;
  }

  #addLink(skb: Packet, { linkType, bytes, frameStart }: CapturedPacket): void {
    // Which of the frames were for this host the capture does not tell: what others sent counts as received.
    const type = frameType(linkType, bytes, frameStart);
    skb.packetType = type === "broadcast" || type === "multicast" ? type : "host";
    if (!this.#asksMac) return;
    const mac = findSourceMac(linkType, bytes, frameStart);
    skb.sourceMac = mac < 0 ? NO_MAC : bytes.slice(mac, mac + 6);
  }
}

const [ACCEPT, DROP, REJECT, DISCARD, STOLEN, NO_RULES] = [0, 1, 2, 3, 4, 5];

/** Whether a verdict is one that a connection is judged by: the packet passed or was refused. */
export const isEnd = (verdict: number): boolean => verdict <= DISCARD;

const packetsOf = (local: boolean): Readonly<Record<Family, Packet>> => ({
  ipv4: new Packet("ipv4", new Uint8Array(20), local),
  ipv6: new Packet("ipv6", new Uint8Array(40), local),
});

const NO_MAC = new Uint8Array(0);

const rulesOf = (host: Host): readonly RunningRule[] =>
  Object.values(host.tables).flatMap((tables) =>
    [...tables.chains.values()].flatMap((chains) => [...chains.values()].flatMap(({ rules }) => rules)),
  );

function changesBytes({ jump }: Rule): boolean {
  if (jump?.kind === "target") return !LEAVES_BYTES.has(jump.extension.name);
  return jump?.kind === "opaque";
}

const usesMatch = ({ matches }: Rule, name: string): boolean =>
  matches.some((use) => !isOpaque(use) && use.extension.name === name);

const targetOf = ({ source: { jump } }: RunningRule): string =>
  jump?.kind === "target" ? jump.extension.name : "";

/** Nobody hears what REJECT would answer, or gets what TEE would send. */
function keepQuiet(rule: RunningRule): void {
  const name = targetOf(rule);
  if (name === "REJECT") rule.action = { kind: "drop" };
  else if (name === "TEE") rule.action = { kind: "continue" };
}

const isReject = (decider: Decider): boolean =>
  decider instanceof RunningRule && targetOf(decider) === "REJECT";

/** A packet may also be dropped on the spot by a test, behind the last rule that matched it. */
function mayRefuse(decider: RunningRule | RunningChain): boolean {
  if (decider instanceof RunningChain) return decider.policy === "DROP";
  return (
    decider.action.kind === "drop" || decider.action.kind === "target" || decider.action.kind === "unknown"
  );
}

const NO_TUPLE: TupleView = {
  family: "ipv4",
  protocol: 0,
  s0: 0,
  s1: 0,
  s2: 0,
  s3: 0,
  d0: 0,
  d1: 0,
  d2: 0,
  d3: 0,
  sport: 0,
  dport: 0,
};

/** Every packet's connection where none is followed. */
const anyConnection = (status: number): ConnectionView => ({
  original: NO_TUPLE,
  reply: NO_TUPLE,
  status,
  zone: 0,
  mark: 0,
  secmark: 0,
  master: undefined,
  helper: undefined,
  labels: undefined,
  packets: [0, 0],
  bytes: [0, 0],
  remainingSec: () => 0,
});

const SYN = 2;
const ACK = 16;

/** The state that a packet's own bytes suggest. */
function stateByFlags(skb: Packet): void {
  if (skb.ctInfo === CT_INFO.UNTRACKED) return;
  const established =
    skb.protocol === PROTOCOL.tcp &&
    skb.fragmentOffset === 0 &&
    skb.hasTransport(14) &&
    ((skb.bytes[skb.transport + 13] as number) & (SYN | ACK)) !== SYN;
  skb.ctInfo = established ? CT_INFO.ESTABLISHED : CT_INFO.NEW;
  skb.ct = established ? ESTABLISHED : NEW;
}

const NEW = anyConnection(0);
const ESTABLISHED = anyConnection(CT_STATUS.SEEN_REPLY | CT_STATUS.CONFIRMED);
