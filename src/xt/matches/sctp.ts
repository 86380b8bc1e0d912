/**
 * The `sctp` match: ports and chunks of SCTP.
 *
 *     [!] --sport, --source-port port[:port]
 *     [!] --dport, --destination-port port[:port]
 *     [!] --chunk-types {all|any|only} chunk[:flags],…
 *
 * `--chunk-types` takes two words. The packet must hold all the chunks, any of them, or no other; instead of a list
 * may stand ALL or NONE. Flags (DATA: I U B E, ABORT and SHUTDOWN_COMPLETE: T) must be set if written in upper case,
 * clear if in lower case. The listing orders chunks by number. iptables knows flags of I_DATA too but hands them to
 * the kernel under a wrong chunk number and does not list them, so they are refused, as is the placeholder "-".
 * Unlike with `tcp`, a port range that is everything is kept. Kernel: net/netfilter/xt_sctp.c, sctp_mt(), revision 0.
 */

import { get16, PROTOCOL } from "../../net/index.ts";
import { both, everything, unknown } from "../../pktset/index.ts";
import { modulePortsCondition } from "../conditions.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
import type { MatchOutcome } from "../evaluation.ts";
import { modulePorts } from "../packet-tests.ts";
import { type PortTests, portOptions, portRange, printPortTests } from "../ports.ts";
import { parseChunkTypes, printChunkTypes, type SctpChunks } from "../sctp-chunks.ts";

export interface SctpInfo extends PortTests {
  readonly chunkTypes: Occurrence<SctpChunks> | undefined;
}

export const sctp = defineMatch({
  name: "sctp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "ports and chunks of SCTP",
  protocols: [PROTOCOL.sctp],
  options: {
    ...portOptions(portRange("sctp")),
    "--chunk-types": optional(parseChunkTypes, {
      words: 2,
      invertible: true,
      operand: "{all|any|only} chunk[:flags],…",
    }),
  },

  build: ({ "--sport": source, "--dport": destination, "--chunk-types": chunkTypes }): SctpInfo => ({
    source,
    destination,
    chunkTypes,
  }),

  print: (info) => {
    const ports = printPortTests(info);
    if (info.chunkTypes === undefined) return ports;
    return `${ports}${ports === "" ? "" : " "}${printChunkTypes(info.chunkTypes)}`;
  },

  evaluate:
    (info, { backend }) =>
    (skb) => {
      const ports = modulePorts(skb, info, 12);
      if (ports !== true || info.chunkTypes === undefined) return ports;
      const held = chunksHold(skb.bytes, skb.transport, info.chunkTypes.value);
      if (held !== "hotdrop") return held !== info.chunkTypes.invert;
      // Legacy turns the outcome of a broken packet round too, and drops it behind the rule. Kernel: xt_sctp.c, SCCHECK.
      return info.chunkTypes.invert && backend === "legacy" ? "hotdrop-after" : held;
    },

  symbolic: ({ chunkTypes, ...ports }) =>
    both(
      modulePortsCondition(ports),
      chunkTypes === undefined ? everything : unknown("sctp: chunks are in no field"),
    ),
});

/** Kernel: net/netfilter/xt_sctp.c, match_packet(). */
function chunksHold(bytes: Uint8Array, transport: number, { quantifier, chunks }: SctpChunks): MatchOutcome {
  const wanted = new Map(
    chunks === "ALL"
      ? Array.from({ length: 256 }, (_, type) => [type, { type, mask: 0, flags: 0 }])
      : chunks.map((chunk) => [chunk.type, chunk]),
  );
  const missing = new Set(wanted.keys());
  let at = transport + 12;
  do {
    if (at + 4 > bytes.length || get16(bytes, at + 2) === 0) return "hotdrop";
    const type = bytes[at] as number;
    const want = wanted.get(type);
    if (want === undefined) {
      if (quantifier === "only") return false;
    } else if (((bytes[at + 1] as number) & want.mask) === want.flags) {
      if (quantifier === "any") return true;
      missing.delete(type);
    }
    at += (get16(bytes, at + 2) + 3) & ~3;
  } while (at < bytes.length);
  return quantifier === "all" ? missing.size === 0 : quantifier === "only";
}
