import { expect, test } from "vitest";
import { hasErrors } from "../base/index.ts";
import { parseIpv4 } from "../net/index.ts";
import { describePacket } from "../pktset/index.ts";
import { rulesOnly } from "../reach/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { invalidPassages } from "./invalid.ts";
import { type LockoutQuestion, lockout } from "./lockout.ts";

const read = (text: string): LockoutQuestion["ruleset"] => {
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family: "ipv4" });
  if (hasErrors(diagnostics)) throw new Error(JSON.stringify(diagnostics));
  return ruleset;
};

const filter = (...rules: readonly string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;

/** What is said of the first packet, the replies and the further ones. */
function said(text: string, more: Partial<LockoutQuestion> = {}): readonly string[] {
  const admin = [parseIpv4("192.0.2.0") as number, parseIpv4("192.0.2.255") as number];
  const question = { ruleset: read(text), context: rulesOnly("ipv4", "nft"), admin, port: 22, ...more };
  return lockout(question).map(({ holds, exact, witness, space }) =>
    holds ? "holds" : exact ? describePacket(space, witness ?? new Map()) : "open",
  );
}

const NEW = "INPUT -p tcp -m tcp --dport 22 -j ACCEPT";
const REPLY = "OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT";
const FURTHER = "INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT";

test("no rules lock nobody out, and policies of DROP everybody", () => {
  expect(said("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")).toEqual(["holds", "holds", "holds"]);
  expect(said(filter())).toEqual([
    "tcp state NEW src 192.0.2.7 dport 22 sport 40000 flags SYN",
    "tcp state ESTABLISHED dst 192.0.2.10 dport 8080 sport 22 flags ACK",
    "tcp state ESTABLISHED src 192.0.2.7 dport 22 sport 40000 flags ACK",
  ]);
});

test("the connection works if first packet, replies and the rest pass", () => {
  expect(said(filter(NEW, REPLY, FURTHER))).toEqual(["holds", "holds", "holds"]);
  expect(said(filter(NEW, FURTHER))[1]).toContain("state ESTABLISHED");
  expect(said(filter(REPLY, FURTHER))[0]).toContain("state NEW");
});

test("one forgotten address is found", () => {
  const rules = ["INPUT -s 192.0.2.77/32 -j DROP", NEW, REPLY, FURTHER];
  expect(said(filter(...rules))[0]).toContain("src 192.0.2.77");
});

test("the interface and the address that are told narrow the question", () => {
  const rules = ["INPUT -i eth0 -d 198.51.100.1/32 -p tcp -m tcp --dport 22 -j ACCEPT", REPLY, FURTHER];
  expect(said(filter(...rules))[0]).not.toBe("holds");
  expect(said(filter(...rules), { device: "eth0", address: parseIpv4("198.51.100.1") as number })).toEqual([
    "holds",
    "holds",
    "holds",
  ]);
});

test("a rate limit leaves it open; a limit on the drop too", () => {
  expect(
    said(filter(`INPUT -m recent --update --seconds 60 --name S --rsource -j DROP`, NEW, REPLY, FURTHER))[0],
  ).toBe("open");
});

test("what raw drops, exempts from tracking, or nat sends elsewhere does not come in", () => {
  const good = filter(NEW, REPLY, FURTHER);
  const raw = (rule: string): string => `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`;
  expect(said(raw("-s 192.0.2.9/32 -j DROP") + good)[0]).toContain("src 192.0.2.9");
  expect(said(raw("-p tcp -m tcp --dport 22 -j CT --notrack") + filter(REPLY, FURTHER))[0]).toContain(
    "UNTRACKED",
  );
  const nat =
    "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.1\nCOMMIT\n";
  expect(said(nat + good)[0]).toContain("state NEW");
});

const passages = (text: string): readonly string[] =>
  invalidPassages(read(text), rulesOnly("ipv4", "nft")).map(
    ({ chain, packets, exact }) => `${chain} ${exact ? "" : "perhaps "}${packets.join("; ") || "nothing"}`,
  );

test("INVALID packets: what each chain accepts of them", () => {
  expect(
    passages(filter("INPUT -i lo -j ACCEPT", "INPUT -m conntrack --ctstate INVALID -j DROP", NEW)),
  ).toEqual(["INPUT in lo", "FORWARD nothing", "OUTPUT nothing"]);
  expect(passages(filter(NEW, FURTHER))).toEqual(["INPUT tcp dport 22", "FORWARD nothing", "OUTPUT nothing"]);
});

test("INVALID packets: a drop in mangle counts, a limit makes it perhaps", () => {
  const mangle =
    "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n";
  expect(passages(mangle + filter(NEW))).toEqual(["INPUT nothing", "FORWARD nothing", "OUTPUT nothing"]);
  expect(passages(filter("INPUT -p udp -m limit --limit 1/sec -j ACCEPT"))[0]).toBe("INPUT perhaps udp");
});
