/** What is taken for granted of the packets that a question is about. */
import { CT_DIRECTIONS, CT_STATES, type FieldName } from "../pktset/index.ts";
import type { Assumptions } from "../reach/index.ts";

const state = (name: (typeof CT_STATES)[number]): number => CT_STATES.indexOf(name);

/** The first packet of a connection, whole, as it comes from its sender. */
export const NEW_PACKET: Assumptions = new Map<FieldName, number>([
  ["ctstate", state("NEW")],
  ["ctdir", CT_DIRECTIONS.indexOf("ORIGINAL")],
  ["ctstatus", 0],
  ["fragment", 0],
]);
