/** Listings are told apart by what is in them, in every form that their readers take. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSubjects } from "./subject.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-subject-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["*filter\nCOMMIT\n", "ruleset"],
  ["create s hash:ip family inet\n", "ipset"],
  ["1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n", "addresses"],
  ["1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n", "addresses"],
  ['[{"ifindex":1,"ifname":"lo"}]\n', "addresses"],
  ['[ {\n        "ifindex": 1,\n        "ifname": "lo"\n    } ]\n', "addresses"],
  ["0:\tfrom all lookup local\n", "routing rules"],
  [
    '[ {\n        "priority": 0,\n        "src": "all",\n        "table": "local"\n    } ]\n',
    "routing rules",
  ],
  ["default via 192.0.2.254 dev eth0\n", "routes"],
  ["blackhole 198.51.100.0/24 \n", "routes"],
  ["unreachable default metric 4278198272 error -113\n", "routes"],
  ['[ {\n        "dst": "default",\n        "gateway": "192.0.2.254"\n    } ]\n', "routes"],
  ['[{"type":"local","dst":"127.0.0.1"}]\n', "routes"],
  ["tcp      6 431999 ESTABLISHED src=192.0.2.7 dst=192.0.2.1 sport=1 dport=2\n", "conntrack"],
  ["net.ipv4.ip_forward = 1\n", "sysctl"],
  ["kernel.hostname = gw\n", "sysctl"],
])("%j is a listing of %s", (text, kind) => {
  const path = join(folder, "listing");
  writeFileSync(path, text);
  expect(readSubjects([path])[0]?.[0]?.kind).toBe(kind);
});
