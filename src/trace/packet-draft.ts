/** What has been read of a packet's line, word by word, and which words contradict each other. */

/** Something in the line that cannot be read: where, and what to type instead. */
export interface NotationError {
  readonly message: string;
  readonly at: number;
  readonly length: number;
  readonly hint: string;
}

/** Highest value of each number. */
export const HIGHEST = {
  ttl: 255,
  tos: 255,
  dscp: 63,
  len: 65_000,
  id: 65_535,
  seq: 0xffff_ffff,
  ack: 0xffff_ffff,
  win: 65_535,
  type: 255,
  code: 255,
  uid: 0xffff_fffe,
} as const;
export type NumberKey = keyof typeof HIGHEST;

/** Protocols whose packets carry ports that can be written here. */
export const PORTED: ReadonlySet<string | number> = new Set(["tcp", "udp", "sctp"]);

export interface Endpoint {
  readonly address: string;
  readonly port: number | undefined;
}

export interface Word {
  readonly text: string;
  readonly at: number;
}

export interface Draft {
  device?: string;
  local: boolean;
  protocol?: string | number;
  /** From a word such as `udp:53`. */
  port?: number;
  endpoints: (Endpoint | ">")[];
  flags: string;
  icmp?: readonly [number, number];
  numbers: Partial<Record<NumberKey, number>>;
  mac?: string;
  payload?: string;
  df?: boolean;
  hex?: Uint8Array;
  /** The word that said each thing. */
  readonly said: Map<Said, Word>;
}

export type Said =
  | "device"
  | "out"
  | "protocol"
  | "port"
  | "flags"
  | "icmp"
  | "mac"
  | "payload"
  | "df"
  | "hex"
  | "endpoint"
  | NumberKey;

/** Notes which word says something. @returns what to type if another word said it already. */
export function say(draft: Draft, what: Said, word: Word): string | undefined {
  const before = draft.said.get(what);
  draft.said.set(what, word);
  return before === undefined || what === "endpoint" || what === "flags"
    ? undefined
    : `"${before.text}" said it already; leave one of the two out`;
}

/** What two words say that cannot both be. */
export function contradiction(draft: Draft): NotationError | undefined {
  const { said, local, device, protocol = "tcp" } = draft;
  const wrong = (what: Said, message: string, hint: string): NotationError => {
    const { at, text } = said.get(what) as Word;
    return { message, at, length: text.length, hint };
  };
  if (local && device !== undefined)
    return wrong(
      "out",
      `"out" and "in ${device}" contradict each other`,
      'a packet that this host sends comes in by none: leave "in" out',
    );
  if (device !== undefined && said.has("uid"))
    return wrong(
      "uid",
      '"uid=" is about packets that this host sends',
      'leave it out, or write "out" in place of "in"',
    );
  if (local && said.has("mac"))
    return wrong(
      "mac",
      '"mac=" is about packets that come in',
      'leave it out, or write "in DEVICE" in place of "out"',
    );
  if (said.has("hex")) {
    const beside = [...said.keys()].find((each) => !["hex", "device", "out", "mac", "uid"].includes(each));
    if (beside !== undefined)
      return wrong(
        beside,
        "the digits are the whole packet already",
        'beside "hex" only in, out, mac= and uid= may stand',
      );
    if (draft.endpoints.length > 0)
      return wrong("hex", "the digits are the whole packet already", "leave the addresses out");
    return undefined;
  }
  const icmp = protocol === "icmp" || protocol === "icmpv6" || (!said.has("protocol") && said.has("icmp"));
  const name = `${icmp ? "icmp" : protocol}`;
  const about = (keys: readonly Said[], of: string): NotationError | undefined => {
    const key = keys.find((each) => said.has(each));
    return key === undefined
      ? undefined
      : wrong(
          key,
          `"${said.get(key)?.text}" is about ${of}, and this is ${name}`,
          "leave one of the two out",
        );
  };
  if (icmp || protocol !== "tcp") {
    const found = about(["flags", "seq", "ack", "win"], "tcp");
    if (found !== undefined) return found;
  }
  if (!icmp) {
    const found = about(["icmp", "type", "code"], "icmp");
    if (found !== undefined) return found;
  }
  if (icmp || !PORTED.has(protocol)) {
    const found = about(["port", "endpoint"], "protocols with ports");
    if (found !== undefined) return found;
  }
  if (said.has("tos") && said.has("dscp"))
    return wrong("dscp", '"tos=" says the DSCP already', "leave one of the two out");
  return undefined;
}
