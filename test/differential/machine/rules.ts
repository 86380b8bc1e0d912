/** Random rules that have something to do with the packets of a scene. */
import type { Scene } from "./generate.ts";

/** A rule's text from the matches on; it may turn out illegal where it stands, and is then left out. */
/** Where iptables-legacy loads TCPMSS --clamp-mss-to-pmtu; a chain of one's own may be reached from elsewhere. */
const CLAMPING_CHAINS: ReadonlySet<string> = new Set(["FORWARD", "OUTPUT", "POSTROUTING"]);

export function ruleFor(scene: Scene, table: string, chain: string, users: readonly string[]): string {
  const { rng } = scene;
  const parts: string[] = [];
  const header = headerFor(scene, chain);
  parts.push(header.text);
  const matches = rng.below(3);
  for (let count = 0; count < matches; count++) parts.push(matchFor(scene, header.proto, chain, table));
  parts.push(targetFor(scene, table, chain, users, header.proto));
  return parts.filter((part) => part !== "").join(" ");
}

const anyHost = ({ rng, hosts, own, devices }: Scene): string =>
  rng.pick([...(hosts[rng.pick(devices)] ?? []), ...(own[rng.pick(devices)] ?? [])]);

function headerFor(scene: Scene, chain: string): { text: string; proto: string } {
  const { rng, devices, family } = scene;
  const not = (): string => (rng.below(5) === 0 ? "! " : "");
  const parts: string[] = [];
  const mayIn = !["OUTPUT", "POSTROUTING"].includes(chain);
  const mayOut = !["INPUT", "PREROUTING"].includes(chain);
  if (mayIn && !chain.startsWith("U") && rng.below(5) === 0)
    parts.push(`${not()}-i ${rng.pick([...devices, "eth+", "lo"])}`);
  if (mayOut && !chain.startsWith("U") && rng.below(5) === 0)
    parts.push(`${not()}-o ${rng.pick([...devices, "eth+", "lo"])}`);
  const length = (): string =>
    rng.below(3) === 0
      ? `/${family === "ipv4" ? rng.pick([8, 16, 24, 25, 31]) : rng.pick([32, 48, 64, 126])}`
      : "";
  if (rng.below(5) === 0) parts.push(`${not()}-s ${anyHost(scene)}${length()}`);
  if (rng.below(5) === 0) parts.push(`${not()}-d ${anyHost(scene)}${length()}`);
  if (family === "ipv4" && rng.below(scene.profile === "fragments" ? 6 : 40) === 0) parts.push(`${not()}-f`);
  let proto = "";
  if (rng.below(2) === 0) {
    proto = rng.pick(["tcp", "tcp", "udp", family === "ipv4" ? "icmp" : "ipv6-icmp", "47", "sctp"]);
    const inverted = rng.below(8) === 0;
    parts.push(`${inverted ? "! " : ""}-p ${proto}`);
    if (inverted) proto = "";
  }
  return { text: parts.join(" "), proto };
}

function matchFor(scene: Scene, proto: string, chain: string, table: string): string {
  const { rng, ports, family, profile, sets } = scene;
  const not = (): string => (rng.below(5) === 0 ? "! " : "");
  const port = (): string => {
    const first = rng.pick(ports);
    return rng.below(4) === 0 ? `${first}:${first + rng.below(1000)}` : `${first}`;
  };
  const byProtocol: string[] = [];
  if (proto === "tcp") {
    byProtocol.push(
      `-m tcp ${not()}--dport ${port()}`,
      `-m tcp ${not()}--sport ${port()}`,
      `-m tcp ${not()}--sport ${rng.pick([4000, 5000])} ${not()}--dport ${rng.pick(ports)}`,
      `-m tcp ${not()}--tcp-flags ${rng.pick(["SYN,ACK SYN", "FIN,SYN,RST,ACK SYN", "ALL NONE", "RST RST", "SYN,RST SYN", "PSH,ACK PSH,ACK"])}`,
      `-m tcp ${not()}--tcp-option ${rng.pick([2, 3, 4, 8])}`,
      `-m multiport ${not()}${rng.pick(["--dports", "--sports", "--ports"])} ${rng.pick(ports)},${rng.pick(ports)},1000:2000`,
      `-m tcpmss --mss ${rng.pick(["536:1400", "1460", "0:65535"])}`,
      "-m ecn --ecn-tcp-ece",
    );
  }
  if (proto === "udp") {
    byProtocol.push(
      `-m udp ${not()}--dport ${port()}`,
      `-m udp ${not()}--sport ${port()}`,
      `-m multiport ${not()}${rng.pick(["--dports", "--sports", "--ports"])} ${rng.pick(ports)},${rng.pick(ports)}`,
    );
  }
  if (proto === "icmp")
    byProtocol.push(
      `-m icmp ${not()}--icmp-type ${rng.pick(["echo-request", "echo-reply", "3", "3/3", "11", "any"])}`,
    );
  if (proto === "ipv6-icmp")
    byProtocol.push(
      `-m icmp6 ${not()}--icmpv6-type ${rng.pick(["echo-request", "echo-reply", "1", "1/4", "2"])}`,
    );
  if (proto === "sctp")
    byProtocol.push(
      `-m sctp ${not()}--dport ${port()}`,
      `-m sctp ${not()}--chunk-types ${rng.pick(["any DATA", "any DATA:Be", "all INIT", "only INIT,ABORT", "any ABORT:T"])}`,
    );
  if (byProtocol.length > 0 && rng.below(3) > 0) return rng.pick(byProtocol);
  const plain = [
    `-m length ${not()}--length ${rng.pick(["0:60", "40", "100:2000", "28:31"])}`,
    `-m mark ${not()}--mark ${rng.pick(["0x1", "0x0", "0x1/0x1", "0x2/0xff"])}`,
    `-m dscp ${not()}--dscp ${rng.pick(["0x00", "0x0a", "0x2e", "0x04"])}`,
    `-m tos ${not()}--tos ${rng.pick(["0x10", "0x08/0x3f", "0x00/0xff"])}`,
    `-m comment --comment x${rng.below(9)}`,
    `-m pkttype ${not()}--pkt-type unicast`,
    `-m statistic --mode nth --every ${rng.pick([2, 3])} --packet ${rng.below(2)}`,
    `-m quota --quota ${rng.pick([100, 1000, 5000])}`,
    family === "ipv4"
      ? `-m ttl ${rng.pick(["--ttl-eq 63", "--ttl-lt 64", "--ttl-gt 10"])}`
      : `-m hl ${rng.pick(["--hl-eq 63", "--hl-lt 64", "--hl-gt 10"])}`,
    family === "ipv4"
      ? `-m iprange ${not()}${rng.pick(["--src-range 10.0.0.2-10.0.0.9", "--dst-range 192.0.2.10-192.0.2.15", "--src-range 8.0.0.0-9.0.0.0"])}`
      : `-m iprange ${not()}--src-range 2001:db8::2-2001:db8::9`,
    `-m addrtype ${not()}${rng.pick(["--src-type LOCAL", "--dst-type LOCAL", "--dst-type UNICAST", "--src-type UNICAST,LOCAL"])}`,
    `-m string --algo ${rng.pick(["bm", "kmp"])} --string ${rng.pick(["hello", "GET", "data"])}`,
    `-m u32 --u32 "${rng.pick(["6&0xFF=1", "6&0xFF=6", "0>>22&0x3C@0>>16=4000", "4&0x1FFF=0", "2&0xFFFF=0x28"])}"`,
    chain === "INPUT" || chain === "FORWARD" || chain === "PREROUTING"
      ? `-m mac ${not()}--mac-source 02:00:00:00:00:${rng.pick(["aa", "bb"])}`
      : "",
    `-m recent --name r${rng.below(2)} ${rng.pick(["--set", "--rcheck --seconds 60", "--update --seconds 60 --hitcount 2", "--rcheck --hitcount 3", "--remove"])} ${rng.pick(["--rsource", "--rdest"])}`,
    chain === "OUTPUT" ? `-m owner ${not()}--uid-owner 0` : "",
    table === "raw" || table === "mangle"
      ? chain === "PREROUTING"
        ? `-m rpfilter ${rng.pick(["", "--loose", "--invert"])}`
        : ""
      : "",
    `-m limit --limit ${rng.pick(["1/hour", "5/day", "2/hour"])} --limit-burst ${rng.pick([1, 3, 5])}`,
    `-m hashlimit --hashlimit-name h${rng.below(2)}${rng.below(100)} --hashlimit-upto ${rng.pick(["1/hour", "10/day"])} --hashlimit-burst ${rng.pick([1, 3])} --hashlimit-mode ${rng.pick(["srcip", "srcip,dstport", "dstip"])}`,
  ].filter((text) => text !== "");
  const tracked = [
    `-m conntrack ${not()}--ctstate ${rng.pick(["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "NEW,INVALID", "UNTRACKED", "SNAT", "DNAT", "RELATED"])}`,
    `-m state --state ${rng.pick(["NEW", "ESTABLISHED", "INVALID", "RELATED"])}`,
    `-m conntrack ${not()}--ctstatus ${rng.pick(["SEEN_REPLY", "ASSURED", "CONFIRMED", "EXPECTED", "NONE"])}`,
    `-m conntrack --ctproto ${rng.pick(["6", "17"])} ${not()}--ctorigdstport ${rng.pick(ports)}`,
    `-m conntrack ${not()}${rng.pick(["--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst"])} ${anyHost(scene)}`,
    `-m conntrack --ctdir ${rng.pick(["ORIGINAL", "REPLY"])}`,
    `-m connmark ${not()}--mark ${rng.pick(["0x1", "0x0"])}`,
    `-m connbytes --connbytes ${rng.pick(["2", "1:3", "100:5000"])} --connbytes-mode ${rng.pick(["packets", "bytes", "avgpkt"])} --connbytes-dir ${rng.pick(["both", "original", "reply"])}`,
    `-m conntrack --ctexpire ${rng.pick(["1:100", "100:500", "400000:500000"])}`,
    `-m helper ${not()}--helper ftp`,
    `-m cluster --cluster-total-nodes 2 --cluster-local-node ${1 + rng.below(2)} --cluster-hash-seed 0x1234`,
  ];
  if (sets.length > 0 && rng.below(2) === 0) {
    const set = rng.pick(sets);
    const directions = Array.from({ length: set.directions }, () =>
      set.name === "macs" ? "src" : rng.pick(["src", "dst"]),
    ).join(",");
    return `-m set ${not()}--match-set ${set.name} ${directions}`;
  }
  const wantsTracking =
    ["nat", "conntrack", "icmp", "mixed", "fragments"].includes(profile) || rng.below(5) === 0;
  const stateful = profile === "stateful" && rng.below(2) === 0;
  if (stateful) return rng.pick(plain.filter((text) => /recent|limit|quota|statistic|connlimit/.test(text)));
  return rng.pick(wantsTracking && table !== "raw" && rng.below(2) === 0 ? tracked : plain);
}

function targetFor(
  scene: Scene,
  table: string,
  chain: string,
  users: readonly string[],
  proto: string,
): string {
  const { rng, family, own, devices, hosts, sets } = scene;
  if (users.length > 0 && rng.below(4) === 0) return `-${rng.pick(["j", "j", "g"])} ${rng.pick(users)}`;
  const common = ["-j ACCEPT", "-j ACCEPT", "-j RETURN", "", "-j MARK --set-xmark 0x1/0xffffffff"];
  if (sets.length > 0 && rng.below(6) === 0)
    return `-j SET --${rng.pick(["add", "del"])}-set ${rng.pick(["ips", "seen"])} ${rng.pick(["src", "dst"])} --exist`.replace(
      /(--del-set \w+ \w+) --exist/,
      "$1",
    );
  switch (table) {
    case "filter":
      return rng.pick([
        ...common,
        "-j DROP",
        `-j REJECT${rng.below(3) === 0 ? ` --reject-with ${family === "ipv4" ? rng.pick(["icmp-host-prohibited", "icmp-admin-prohibited", "icmp-net-unreachable"]) : rng.pick(["icmp6-adm-prohibited", "icmp6-no-route"])}` : ""}`,
        proto === "tcp" ? "-j REJECT --reject-with tcp-reset" : "-j DROP",
        "-j LOG --log-prefix x",
      ]);
    case "nat": {
      const address = rng.pick(own[rng.pick(devices)] ?? []);
      const host = rng.pick(hosts[rng.pick(devices)] ?? []);
      const ports = proto === "tcp" || proto === "udp";
      if (chain === "PREROUTING" || chain === "OUTPUT")
        return rng.pick([
          `-j DNAT --to-destination ${host}${ports && rng.below(2) === 0 ? `:${rng.pick([80, 8080, 443])}` : ""}`,
          ports && rng.below(2) === 0 ? `-j REDIRECT --to-ports ${rng.pick([80, 81])}` : "-j REDIRECT",
          "-j NETMAP --to 192.0.2.0/24",
          "-j DNAT --to-destination 10.0.0.2-10.0.0.9",
          "-j DNAT --to-destination 10.0.0.2-10.0.0.9 --persistent",
          "-j ACCEPT",
          "",
        ]);
      if (chain.startsWith("U")) return rng.pick(["-j ACCEPT", "-j RETURN", ""]);
      return rng.pick([
        `-j SNAT --to-source ${address}`,
        chain === "POSTROUTING" ? "-j MASQUERADE" : `-j SNAT --to-source ${address}`,
        `-j SNAT --to-source 203.0.113.20-203.0.113.29`,
        `-j SNAT --to-source 203.0.113.20-203.0.113.29 --persistent`,
        "-j NETMAP --to 198.51.100.0/24",
        "-j ACCEPT",
        "",
      ]);
    }
    case "mangle":
      return rng.pick([
        ...common,
        "-j DROP",
        `-j MARK --set-xmark ${rng.pick(["0x1/0xff", "0x2/0x2", "0x100/0xff00"])}`,
        `-j TOS --set-tos ${rng.pick(["0x10/0x3f", "0x00/0xff", "0x08/0xff"])}`,
        `-j DSCP --set-dscp ${rng.pick(["0x0a", "0x00", "0x2e"])}`,
        family === "ipv4"
          ? `-j TTL ${rng.pick(["--ttl-set 10", "--ttl-dec 1", "--ttl-inc 2"])}`
          : `-j HL ${rng.pick(["--hl-set 10", "--hl-dec 1", "--hl-inc 2"])}`,
        `-j CONNMARK ${rng.pick(["--set-xmark 0x1/0xffffffff", "--save-mark --nfmask 0xffffffff --ctmask 0xffffffff", "--restore-mark --nfmask 0xff --ctmask 0xff"])}`,
        proto === "tcp"
          ? `-m tcp --tcp-flags SYN,RST SYN -j TCPMSS ${rng.pick(["--set-mss 1000", CLAMPING_CHAINS.has(chain) ? "--clamp-mss-to-pmtu" : "--set-mss 536", "--set-mss 1460"])}`
          : "",
        proto === "tcp" ? `-j TCPOPTSTRIP --strip-options ${rng.pick(["3", "4,8", "2"])}` : "",
        proto === "tcp" && family === "ipv4" ? "-j ECN --ecn-tcp-remove" : "",
        "-j CLASSIFY --set-class 0001:0010",
      ]);
    case "raw":
      return rng.pick([
        ...common,
        "-j DROP",
        "-j NOTRACK",
        `-j CT ${rng.pick(["--notrack", "--zone 1", "--zone 5"])}`,
      ]);
    default:
      return rng.pick([...common, "-j DROP"]);
  }
}
