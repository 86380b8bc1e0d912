/** Random networks around the host. */
import type { Rng } from "../../../src/base/index.ts";
import type { CaseFile } from "../../../src/cases/case-file.ts";
import type { Profile, Scene } from "./generate.ts";

const PORTS = [22, 53, 80, 81, 443, 1000, 8080, 5432];

export interface Topology {
  readonly scene: Scene;
  readonly dut: CaseFile["dut"];
  readonly ipset: string;
}

export function topologyFor(rng: Rng, profile: Profile, family: "ipv4" | "ipv6"): Topology {
  const devices = ["eth0", "eth1", "eth2"].slice(0, 2 + rng.below(2));
  const own: Record<string, string[]> = {};
  const hosts: Record<string, string[]> = {};
  const ifaces: CaseFile["dut"]["ifaces"] = {};
  for (const [at, device] of devices.entries()) {
    const network = family === "ipv4" ? ["10.0.0", "203.0.113", "198.51.100"][at] : `2001:db8:${at}:`;
    const separator = family === "ipv4" ? "." : ":";
    const bits = family === "ipv4" ? 24 : 64;
    const addresses = [`${network}${separator}1`];
    if (rng.below(4) === 0) addresses.push(`${network}${separator}5`);
    own[device] = addresses;
    hosts[device] = [`${network}${separator}2`, `${network}${separator}3`, `${network}${separator}77`];
    ifaces[device] = {
      addrs: addresses.map((address) => `${address}/${bits}`),
      ...(rng.below(5) === 0 && { mtu: rng.pick([1280, 1400, 9000]) }),
    };
  }
  const far = devices[1] as string;
  (hosts[far] as string[]).push(
    ...(family === "ipv4"
      ? ["192.0.2.10", "192.0.2.20", "8.8.8.8"]
      : ["2001:db8:ffff::10", "2001:db8:ffff::20"]),
  );
  const routes = [
    family === "ipv4" ? `default via 203.0.113.254 dev ${far}` : `default via 2001:db8:1::fe dev ${far}`,
  ];
  const rules: string[] = [];
  if (profile === "mangle-routing" || (profile === "mixed" && rng.below(2) === 0)) {
    const last = devices[devices.length - 1] as string;
    if (family === "ipv4") {
      const gateway = last === "eth2" ? "198.51.100.254" : "203.0.113.253";
      routes.push(`default via ${gateway} dev ${last} table 100`);
      if (rng.below(2) === 0) routes.push("unreachable 192.0.2.20/32");
      if (rng.below(3) === 0) routes.push("blackhole 8.8.8.8/32");
      if (rng.below(3) === 0) routes.push("prohibit 192.0.2.20/32 table 100");
      if (rng.below(3) === 0) routes.push("throw 192.0.2.10/32 table 100");
      rules.push("fwmark 0x1/0xff lookup 100");
      if (rng.below(2) === 0)
        rules.push(
          rng.pick([
            "from 10.0.0.3 lookup 100",
            "to 192.0.2.0/24 lookup 100",
            "iif eth0 lookup 100",
            "ipproto udp dport 53 lookup 100",
            "not from 10.0.0.0/24 lookup 100",
            "tos 0x10 lookup 100",
            "from 10.0.0.77 prohibit",
            "from 10.0.0.77 blackhole",
            "from 10.0.0.77 unreachable",
            "lookup main suppress_prefixlength 0",
          ]),
        );
    } else rules.push();
  }
  const sysctl: Record<string, number> =
    family === "ipv4"
      ? { "net.ipv4.ip_forward": rng.below(12) === 0 ? 0 : 1 }
      : { "net.ipv6.conf.all.forwarding": 1 };
  if (family === "ipv4") {
    if (rng.below(4) === 0) sysctl["net.ipv4.conf.all.rp_filter"] = rng.pick([1, 2]);
    // Redirects are limited by time, and real time passes between the packets of a real run.
    sysctl["net.ipv4.conf.all.send_redirects"] = 0;
    sysctl["net.ipv4.conf.default.send_redirects"] = 0;
  }
  if (["conntrack", "nat", "mixed"].includes(profile)) {
    if (rng.below(6) === 0) sysctl["net.netfilter.nf_conntrack_tcp_loose"] = 0;
    if (rng.below(8) === 0) sysctl["net.netfilter.nf_conntrack_tcp_be_liberal"] = 1;
    if (rng.below(8) === 0) sysctl["net.netfilter.nf_conntrack_udp_timeout"] = 10;
    if (rng.below(8) === 0) sysctl["net.netfilter.nf_conntrack_acct"] = 1;
  }
  const wantsSets = profile === "sets" || (profile === "mixed" && family === "ipv4" && rng.below(2) === 0);
  const sets = wantsSets ? setsFor(rng) : { text: "", sets: [] };
  const scene: Scene = { rng, profile, family, devices, own, hosts, ports: PORTS, sets: sets.sets };
  const listen = [{ proto: "udp" as const, port: 53 }];
  return {
    scene,
    dut: { ifaces, routes, rules, sysctl, ...(family === "ipv4" && rng.below(3) === 0 && { listen }) },
    ipset: sets.text,
  };
}

function setsFor(rng: Rng): { text: string; sets: { name: string; directions: number }[] } {
  const lines: string[] = [];
  const sets: { name: string; directions: number }[] = [];
  const make = (name: string, type: string, options: string, elements: readonly string[]): void => {
    lines.push(`create ${name} ${type}${options === "" ? "" : ` ${options}`}`);
    for (const element of elements) if (rng.below(3) > 0) lines.push(`add ${name} ${element}`);
    sets.push({ name, directions: type.slice(type.indexOf(":")).split(",").length });
  };
  make("ips", "hash:ip", "", ["10.0.0.2", "192.0.2.10", "203.0.113.3", "10.0.0.77"]);
  make("nets", "hash:net", "", ["10.0.0.0/24", "10.0.0.3/32 nomatch", "192.0.2.0/28", "203.0.113.0/25"]);
  make("ipport", "hash:ip,port", "", [
    "10.0.0.2,tcp:80",
    "192.0.2.10,udp:53",
    "192.0.2.10,443",
    "10.0.0.1,icmp:echo-request",
    "203.0.113.1,tcp:22",
  ]);
  make("netport", "hash:net,port", "", ["10.0.0.0/24,tcp:80", "192.0.2.0/24,udp:53", "0.0.0.0/1,tcp:443"]);
  make("ports", "bitmap:port", "range 0-65535", ["80", "53", "1000-8080"]);
  make("triple", "hash:ip,port,ip", "", ["10.0.0.2,tcp:80,192.0.2.10", "10.0.0.3,udp:53,192.0.2.20"]);
  make("iface", "hash:net,iface", "", ["10.0.0.0/24,eth0", "0.0.0.0/1,eth1"]);
  make("ipportnet", "hash:ip,port,net", "", ["10.0.0.2,tcp:80,192.0.2.0/24", "10.0.0.3,udp:53,0.0.0.0/1"]);
  make("bits", "bitmap:ip", "range 10.0.0.0/24", ["10.0.0.2", "10.0.0.3"]);
  make("counted", "hash:ip", "counters", ["10.0.0.2", "192.0.2.10"]);
  make("seen", "hash:ip", "timeout 300", []);
  return { text: `${lines.join("\n")}\n`, sets };
}
