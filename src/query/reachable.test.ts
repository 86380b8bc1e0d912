import { expect, test } from "vitest";
import { parseIpAddress, parseIpRoute, parseIpRule } from "../hoststate/index.ts";
import { hostContext } from "../reach/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { exposure } from "./exposure.ts";
import { readPacketWords } from "./packet-words.ts";
import { type ReachOptions, reachable, whoCan } from "./reachable.ts";

function host(rules: string, packets: string): ReachOptions {
  const { interfaces } = parseIpAddress(
    "2: eth0: <UP> mtu 1500\n    inet 192.0.2.1/24 scope global eth0\n",
    "a",
  );
  const { ruleset } = parseRestore({
    source: "test",
    text: "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 192.0.2.0/25 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n",
    family: "ipv4",
  });
  const asked = readPacketWords(packets, "ipv4");
  if ("message" in asked) throw new Error(asked.message);
  return {
    ruleset,
    context: hostContext("ipv4", "nft", { interfaces }),
    routing: {
      interfaces,
      routes: parseIpRoute("192.0.2.0/24 dev eth0", "routes").routes,
      rules: parseIpRule(rules, "rules").rules,
    },
    packets: asked,
  };
}

const USUAL = "0: from all lookup local\n32766: from all lookup main\n32767: from all lookup default\n";
const SSH = "from 192.0.2.0/24 to 192.0.2.1 tcp:22 in eth0";

test("some of the packets pass, and which", () => {
  const { passing, exact, fates } = reachable(host(USUAL, SSH));
  expect([passing, exact]).toEqual(["some", true]);
  expect(fates.map(({ passes, end, packets }) => [passes, end, packets])).toEqual([
    ["yes", "this host", ["tcp in eth0 src 192.0.2.0/25 dst 192.0.2.1 dport 22"]],
    ["no", "drop", ["tcp in eth0 src 192.0.2.128/25 dst 192.0.2.1 dport 22"]],
  ]);
});

test("routing rules that are not followed leave nothing exact", () => {
  const jumping = host(`50: from all goto 32766\n${USUAL}`, SSH);
  expect(reachable(jumping).exact).toBe(false);
  expect(whoCan(jumping).exact).toBe(false);
  expect(exposure({ ...jumping, from: "eth0" }).exact).toBe(false);
  expect(whoCan(host(USUAL, SSH))).toEqual({
    senders: [{ interface: "eth0", sources: "192.0.2.0/25", exact: true }],
    exact: true,
  });
});
