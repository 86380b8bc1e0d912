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
import { PROTOCOL } from "../../net/index.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
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
});
