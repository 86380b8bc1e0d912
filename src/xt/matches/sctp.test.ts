import { expect, test } from "vitest";
import type { Machine } from "../evaluation.ts";
import { Skb } from "../skb.ts";
import { sctp } from "./sctp.ts";

test("a chunk of length 0 drops the packet, under ! too", () => {
  const bytes = new Uint8Array(20 + 12 + 4);
  bytes.set([0x45, 0, 0, bytes.length]);
  bytes[9] = 132;
  for (const invert of [false, true]) {
    const chunkTypes = { value: { quantifier: "any", chunks: "ALL" }, invert } as const;
    const evaluate = sctp.evaluate({ source: undefined, destination: undefined, chunkTypes }, {} as Machine);
    expect(evaluate(new Skb("ipv4", bytes))).toBe("hotdrop");
  }
});
