import { expect, test } from "vitest";
import { hasErrors } from "../base/index.ts";
import { type Family, parseAddress } from "../net/index.ts";
import { describeAddresses, type FieldValue, type Ranges } from "../pktset/index.ts";
import { rulesOnly } from "../reach/index.ts";
import type { Table } from "../ruleset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { type Service, type ServiceGroups, services } from "./services.ts";

const SSH: Service = { protocol: 6, port: 22, icmp: undefined };

function ask(
  rules: readonly string[],
  {
    service = SSH,
    family = "ipv4" as Family,
    policy = "DROP",
    behind = undefined as ReadonlyMap<string, Ranges> | undefined,
  } = {},
): ServiceGroups | undefined {
  const text = `*filter\n:FORWARD ${policy} [0:0]\n${rules.map((rule) => `-A FORWARD ${rule}\n`).join("")}COMMIT\n`;
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family });
  if (hasErrors(diagnostics)) throw new Error(JSON.stringify(diagnostics));
  const table = ruleset.tables.get("filter") as Table;
  return services({ table, chain: "FORWARD", context: rulesOnly(family, "nft"), service, behind });
}

/** Groups as text, and edges. */
function said(...question: Parameters<typeof ask>): readonly (string | readonly (readonly number[])[])[] {
  const { groups, edges } = ask(...question) as ServiceGroups;
  const bits = question[1]?.family === "ipv6" ? 128 : 32;
  const texts = groups.map(({ addresses }) =>
    addresses
      .flatMap((low, at) =>
        at % 2 === 0 ? [describeAddresses(low, addresses[at + 1] as FieldValue, bits)] : [],
      )
      .join(" "),
  );
  return [...texts, edges];
}

test("rules that treat all addresses alike make one group", () => {
  expect(said([], { policy: "ACCEPT" })).toEqual(["0.0.0.0/0", [[1, 1]]]);
  expect(said([])).toEqual(["0.0.0.0/0", []]);
  expect(said(["-p tcp -m tcp --dport 80 -j ACCEPT"])).toEqual(["0.0.0.0/0", []]);
});

test("a client net and a server make three groups and one edge", () => {
  expect(said(["-s 10.0.0.0/25 -d 10.0.0.128/32 -p tcp -m tcp --dport 22 -j ACCEPT"])).toEqual([
    "0.0.0.0-9.255.255.255 10.0.0.129-255.255.255.255",
    "10.0.0.0/25",
    "10.0.0.128",
    [[2, 3]],
  ]);
});

test("addresses that many rules treat alike are one group, however they are spelt", () => {
  const rules = ["10.0.0.0/26", "10.0.0.64/26", "192.0.2.1"].map((net) => `-s ${net} -j ACCEPT`);
  expect(said(rules)).toEqual([
    "0.0.0.0-9.255.255.255 10.0.0.128-192.0.2.0 192.0.2.2-255.255.255.255",
    "10.0.0.0/25 192.0.2.1",
    [
      [2, 1],
      [2, 2],
    ],
  ]);
});

test("only the asked service counts, in its first packet", () => {
  const rules = [
    "-m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "-p udp -m udp --dport 22 -j ACCEPT",
    "-s 10.0.0.1/32 -p tcp -m tcp --dport 22 --tcp-flags SYN,ACK SYN -j ACCEPT",
    "-s 10.0.0.2/32 -p tcp -m tcp --dport 22 --tcp-flags SYN,ACK ACK -j ACCEPT",
    "-s 10.0.0.3/32 -p tcp -m tcp --sport 22 -j ACCEPT",
  ];
  expect(said(rules)).toEqual([
    "0.0.0.0-10.0.0.0 10.0.0.2-255.255.255.255",
    "10.0.0.1",
    [
      [2, 1],
      [2, 2],
    ],
  ]);
});

test("a protocol without ports is a service as well", () => {
  const service: Service = { protocol: 50, port: undefined, icmp: undefined };
  const rules = ["-s 10.0.0.1/32 -p esp -j ACCEPT", "-s 10.0.0.2/32 -p tcp -j ACCEPT"];
  expect(said(rules, { service })[1]).toBe("10.0.0.1");
});

test("IPv6 has groups as well", () => {
  expect(said(["-s 2001:db8::/32 -d 2001:db8::1/128 -j ACCEPT"], { family: "ipv6" })).toEqual([
    "::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8:: 2001:db8::2-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::1",
    [
      [2, 3],
      [3, 3],
    ],
  ]);
});

test("with interfaces, packets come in where their source lives and leave where their destination does", () => {
  const net = (low: string, high: string): Ranges => [
    parseAddress(low, "ipv4") as number,
    parseAddress(high, "ipv4") as number,
  ];
  const behind = new Map([
    ["lan", net("10.0.0.0", "10.0.0.255")],
    ["dmz", net("192.0.2.0", "192.0.2.255")],
  ]);
  const rules = ["-i lan -o dmz -j ACCEPT"];
  expect(ask(rules)?.exact).toBe(false);
  expect(ask(rules, { behind })?.exact).toBe(true);
  expect(said(rules, { behind })).toEqual([
    "0.0.0.0-9.255.255.255 10.0.1.0-192.0.1.255 192.0.3.0-255.255.255.255",
    "10.0.0.0/24",
    "192.0.2.0/24",
    [[2, 3]],
  ]);
});

test("a pair counts as allowed where a test is open, and the answer says what was", () => {
  const answer = ask(["-s 10.0.0.1/32 -m limit --limit 1/sec -j ACCEPT"]);
  expect(answer?.edges).toEqual([
    [2, 1],
    [2, 2],
  ]);
  expect(answer?.exact).toBe(false);
  expect(answer?.open.join()).toContain("limit");
});

test("masks with holes: IPv4 is listed, what cannot be listed is not answered", () => {
  expect(ask(["-s 10.0.0.1/255.255.0.255 -j ACCEPT"])?.groups[1]?.size).toBe(256n);
  expect(ask(["-s ::1/::ffff -j ACCEPT"], { family: "ipv6" })).toBeUndefined();
});
