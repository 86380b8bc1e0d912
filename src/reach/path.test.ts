import { expect, test } from "vitest";
import { parseIpAddress, parseIpRoute } from "../hoststate/index.ts";
import type { FieldName, FieldValue } from "../pktset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import type { Backend } from "../xt/index.ts";
import { hostContext } from "./host-context.ts";
import { Path } from "./path.ts";

const ADDRESSES = "2: eth0: <UP> mtu 1500\n    inet 192.0.2.1/24 scope global eth0\n";

/** How the first packet of a connection from 192.0.2.7 to this host's port 22 ends. */
function end(text: string, backend: Backend): readonly string[] {
  const { interfaces } = parseIpAddress(ADDRESSES, "addresses");
  const { ruleset } = parseRestore({ source: "test", text, family: "ipv4" });
  const path = new Path({
    ruleset,
    context: hostContext("ipv4", backend, { interfaces }),
    routing: { interfaces, routes: parseIpRoute("192.0.2.0/24 dev eth0", "routes").routes, rules: [] },
    assumptions: new Map<FieldName, number>([
      ["ctstate", 1],
      ["ctdir", 0],
      ["ctstatus", 0],
      ["fragment", 0],
    ]),
    fields: ["src", "dst"],
  });
  const values = new Map<FieldName, FieldValue>([
    ["src", 0xc0000207],
    ["dst", 0xc0000201],
    ["protocol", 6],
    ["dport", 22],
  ]);
  const tuple = path.space.order.flatMap(({ field }) => [...path.space.split(field, values.get(field) ?? 0)]);
  return path.outcomes.of(path.space.diagrams.evaluate(path.incoming, tuple)).map((outcome) => outcome.end);
}

test("raw sees packets before conntrack does: none of them has a connection there", () => {
  const raw = (state: string) =>
    `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate ${state} -j DROP\nCOMMIT\n`;
  expect(end(raw("NEW"), "nft")).toEqual(["accept"]);
  expect(end(raw("INVALID"), "nft")).toEqual(["drop"]);
});
