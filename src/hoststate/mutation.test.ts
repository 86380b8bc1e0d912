/** Every reader survives every text: no exception, spans inside the text, whatever a few edits made of a listing. */
import { expect, test } from "vitest";
import { type Diagnostic, type Rng, type Span, seededRng } from "../base/index.ts";
import {
  parseConntrack,
  parseIpAddress,
  parseIpRoute,
  parseIpRule,
  parseIpSets,
  parseSysctl,
  printIpSets,
} from "./index.ts";

interface Result {
  readonly diagnostics: readonly Diagnostic[];
  readonly entries: readonly { readonly span: Span }[];
}
const READERS: Readonly<Record<string, (text: string) => Result>> = {
  route: (text) => ({ ...parseIpRoute(text, "x"), entries: parseIpRoute(text, "x").routes }),
  rule: (text) => ({ ...parseIpRule(text, "x"), entries: parseIpRule(text, "x").rules }),
  address: (text) => ({ ...parseIpAddress(text, "x"), entries: parseIpAddress(text, "x").interfaces }),
  sysctl: (text) => ({ ...parseSysctl(text, "x"), entries: parseSysctl(text, "x").settings }),
  conntrack: (text) => ({ ...parseConntrack(text, "x"), entries: parseConntrack(text, "x").entries }),
  ipset: (text) => {
    const { sets, diagnostics } = parseIpSets(text, "x");
    return { diagnostics, entries: sets.flatMap((set) => [set, ...set.elements]) };
  },
};

const SEEDS: readonly string[] = [
  "default via 192.0.2.1 dev d0 metric 100 \n10.2.0.0/16 via inet6 2001:db8::1 dev d0 mtu lock 1400 realms 5/7 \n203.0.113.0/25 \n\tnexthop via 192.0.2.1 dev d0 weight 2 \n\tnexthop dev d1 \n",
  '[{"type":"throw","dst":"10.1.0.0/16","table":"200","flags":["linkdown"],"metrics":[{"mtu":1400,"ecn":null}]},{"dst":"10.6.0.0/16","encap":"ip","dst":"192.0.2.5","via":{"family":"inet6","host":"2001:db8::99"},"flow":{"from":"5","to":"7"},"nexthops":[{"gateway":"192.0.2.1","dev":"d\\u0030","weight":1}]}]',
  "0:\tfrom all lookup local\n10:\tnot from 192.0.2.0/24 to 198.51.100.0/24 fwmark 0x1/0xff iif d0 [detached] sport 1-2 goto 30000 [unresolved]\n",
  '[{"priority":10,"not":null,"src":"192.0.2.0","srclen":24,"fwmark":"0x1","fwmask":"0xff","sport_start":1,"sport_end":2,"flow_from":"3","flow_to":"4","goto":5,"unresolved":null}]',
  "3: d0@d0p: <UP> mtu 1500 qdisc mq state UP\n    link/ether 00:00:5e:00:53:01 brd ff:ff:ff:ff:ff:ff\n    alias a b\n    inet 192.0.2.1 peer 192.0.2.2/30 scope global d0\n       valid_lft forever preferred_lft 5sec\n3: d0    inet6 2001:db8::1/64 scope global \\       valid_lft forever\n",
  '[{"ifindex":3,"link":"d1p","ifname":"d1","flags":["UP"],"mtu":1500,"link_type":"ether","address":"00:00:5e:00:53:01","ifalias":"a \\"b\\"","altnames":["n"],"addr_info":[{"family":"inet","local":"192.0.2.1","address":"192.0.2.2","prefixlen":30,"dynamic":true,"label":"d1","valid_life_time":4294967295}]}]',
  "net.ipv4.ip_forward = 1\n-net/ipv4/conf/eth0.1/rp_filter=2\n# c\nsysctl: x\n",
  "ipv4     2 tcp      6 99 ESTABLISHED src=192.0.2.1 dst=198.51.100.2 sport=1 dport=80 packets=0 bytes=0 [UNREPLIED] src=198.51.100.2 dst=192.0.2.1 sport=80 dport=1 zone-reply=4 mark=0 [start=Sun Nov 22 2026] use=1 id=5\nconntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.\n",
  'create a hash:ip,port timeout 600 counters comment\nadd a 192.0.2.1-192.0.2.9,tcp:80 timeout 4 packets 3 comment "x y"\ncreate l list:set\nadd l a\ndel a 192.0.2.1,80\nswap a l\nrename a b\n',
];
const FRAGMENTS = [
  "",
  "\n",
  "\r\n",
  "\t",
  " ",
  '"',
  "\\",
  "/",
  ":",
  ",",
  "[",
  "]",
  "{",
  "}",
  "=",
  "-",
  "0",
  "99999999999",
  "inet6",
  "via",
  "nexthop",
  "src=",
  "\u0000",
  "é",
  "💥",
];

function mutate(text: string, rng: Rng): string {
  let mutated = text;
  for (let edits = 1 + rng.below(4); edits > 0; edits--) {
    const at = rng.below(mutated.length + 1);
    const cut = rng.below(3) === 0 ? rng.below(mutated.length + 1) : at + rng.below(6);
    mutated = mutated.slice(0, at) + rng.pick(FRAGMENTS) + mutated.slice(Math.max(at, cut));
  }
  return mutated;
}

test.each(Object.entries(READERS))(
  "%s: mutated listings throw nothing, and spans stay inside",
  (name, read) => {
    const rng = seededRng(20_240);
    for (let round = 0; round < 3000; round++) {
      const text = mutate(rng.pick(SEEDS), rng);
      const { diagnostics, entries } = read(text);
      for (const { span } of [...diagnostics, ...entries]) {
        const inside = 0 <= span.start && span.start <= span.end && span.end <= text.length;
        if (!inside) expect.fail(`${name}: span ${span.start}-${span.end} of ${JSON.stringify(text)}`);
      }
    }
  },
);

test("ipset: what a mutated listing left is printed and read back the same", () => {
  const rng = seededRng(7);
  for (let round = 0; round < 3000; round++) {
    const printed = printIpSets(parseIpSets(mutate(SEEDS[8] as string, rng), "x").sets);
    expect(printIpSets(parseIpSets(printed, "x").sets)).toBe(printed);
  }
});

test.each([
  ["[".repeat(100_000)],
  ['{"a":'.repeat(100_000)],
  [" ".repeat(1_000_000)],
  ["a ".repeat(300_000)],
  ["\\ ".repeat(200_000)],
])("a hostile text is read to its end: quadratic time would not come there", (text) => {
  expect(Object.values(READERS).map((read) => read(text))).not.toContain(undefined);
});
