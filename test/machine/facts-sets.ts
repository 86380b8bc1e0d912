/** What the kernel was seen to do with sets, limits and counts of connections. */
import type { CaseFile } from "../../src/cases/index.ts";
import { back, filter, gateway, LAN, lan, mangle, net, SERVER, tcp, udp } from "./facts.ts";

const from = (src: string, more = {}) => lan(udp({ src, ...more }));

export const SET_FACTS: Readonly<Record<string, CaseFile>> = {
  "a packet is added to networks by the longest prefix there is": gateway(
    filter("-A FORWARD -j SET --add-set nets src", "-A FORWARD -m set --match-set nets dst"),
    [from(LAN), lan(udp({ dst: "10.0.0.99" })), lan(udp({ dst: "10.0.1.99" }))],
    { ipset: "create nets hash:net\nadd nets 192.0.3.0/24\nadd nets 198.51.0.0/16\n" },
  ),
  "an element that a packet adds has counted this packet": gateway(
    filter(
      "-A FORWARD -j SET --add-set seen src --exist",
      "-A FORWARD -m set --match-set seen src ! --update-counters --packets-eq 1",
      "-A FORWARD -m set --match-set seen src --bytes-gt 50",
    ),
    [from(LAN), from(LAN)],
    { ipset: "create seen hash:ip counters\n" },
  ),
  "counters that are not as wanted leave the wider networks to be asked": gateway(
    filter("-A FORWARD -m set --match-set nets src --packets-gt 4"),
    [from(LAN)],
    {
      ipset: "create nets hash:net counters\nadd nets 10.0.0.0/24 packets 9 bytes 9\nadd nets 10.0.0.0/30\n",
    },
  ),
  "with --return-nomatch only a nomatch element holds": gateway(
    filter(
      "-A FORWARD -m set --match-set nets src --return-nomatch",
      "-A FORWARD -m set --match-set hosts src --return-nomatch",
    ),
    [from(LAN), from("10.0.0.9")],
    {
      ipset:
        "create nets hash:net\nadd nets 10.0.0.0/24\nadd nets 10.0.0.8/30 nomatch\ncreate hosts hash:ip\nadd hosts 10.0.0.2\n",
    },
  ),
  "a nomatch element whose time is over no longer hides the wider network": gateway(
    filter("-A FORWARD -m set --match-set nets src,src"),
    [from(LAN), from(LAN, { ttl: 9 }), { ...from(LAN), delay_ms: 4400 }],
    {
      ipset: `create nets hash:net,iface timeout 100\nadd nets ${LAN}/32,eth0 nomatch timeout 2\nadd nets 0.0.0.0/1,eth0\n`,
    },
  ),
  "fewer directions than the set has parts never match": gateway(
    filter("-A FORWARD -m set --match-set pairs src", "-A FORWARD -m set ! --match-set pairs src"),
    [from(LAN)],
    { ipset: "create pairs hash:ip,port\nadd pairs 10.0.0.2,udp:5000\n" },
  ),
  "an element's time runs from the start, asked or not": gateway(
    filter("-A FORWARD -m set --match-set short src"),
    [lan(udp(), { delay_ms: 1500 })],
    { ipset: "create short hash:ip timeout 1\nadd short 10.0.0.2\n" },
  ),
  "a bitmap takes in nothing beyond its range": gateway(
    filter("-A FORWARD -j SET --add-set few src", "-A FORWARD -m set --match-set few src"),
    [from(LAN), from("10.0.0.200")],
    { ipset: "create few bitmap:ip range 10.0.0.0-10.0.0.15\n" },
  ),
  "an address without a link address takes over the first that comes": gateway(
    filter("-A FORWARD -m set --match-set macs src,src", "-A FORWARD -m set --match-set macs dst,dst"),
    [
      from(LAN),
      { ...from(LAN), smac: "02:00:00:00:00:bb" },
      { ...lan(udp({ dst: "10.0.0.3" })), dmac: "02:00:00:00:00:01" },
    ],
    {
      ipset:
        "create macs bitmap:ip,mac range 10.0.0.0/24\nadd macs 10.0.0.2\nadd macs 10.0.0.3,02:00:00:00:00:01\n",
    },
  ),
  "the elements of a set with a netmask are networks": gateway(
    filter("-A FORWARD -m set --match-set masked src"),
    [from(LAN)],
    { ipset: "create masked hash:ip netmask 28\nadd masked 10.0.0.9\n" },
  ),
  "sets of sets add to the first that takes it, and can be changed": gateway(
    filter(
      "-A FORWARD -j SET --add-set all src",
      "-A FORWARD -m set --match-set one src",
      "-A FORWARD -m set --match-set two src",
      "-A FORWARD -m set --match-set all src",
    ),
    [
      from(LAN),
      from(LAN),
      { cmd: "ipset del all one" },
      from("10.0.0.9"),
      { cmd: "ipset del all one" },
      { cmd: "ipset add one 10.0.0.2" },
      { cmd: "ipset add one 10.0.0.2 -exist" },
      { cmd: "ipset swap one two" },
      from("10.0.0.9"),
      { cmd: "ipset flush" },
      from(LAN),
    ],
    { ipset: "create one hash:ip\ncreate two hash:ip\ncreate all list:set\nadd all one\nadd all two\n" },
  ),
  "a header cut short has no port for a set": gateway(
    filter("-A FORWARD -m set --match-set ports dst,dst"),
    [
      lan(tcp("S")),
      { in: "eth0", hex: "45000024000100004006aec70a000002c000020a138800500000000000000000000000000000" },
    ],
    { ipset: "create ports hash:ip,port\nadd ports 192.0.2.10,tcp:80\n" },
  ),
  "a daily rate with a burst of three overflows to one": gateway(
    filter(
      "-A FORWARD -m hashlimit --hashlimit-upto 1/day --hashlimit-burst 3 --hashlimit-name daily -j ACCEPT",
      "-A FORWARD -m limit --limit 1/day --limit-burst 3",
    ),
    [from(LAN), from(LAN), from(LAN), from(LAN), from(LAN)],
  ),
  "of rules that share a rate the first in the file says it": gateway(
    filter("-A INPUT -m hashlimit --hashlimit-upto 1/day --hashlimit-burst 1 --hashlimit-name shared") +
      mangle("-A FORWARD -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name shared"),
    [from(LAN), from(LAN), from(LAN)],
  ),
  "connlimit counts a packet without a connection while it is there": gateway(
    filter(
      "-A FORWARD -m conntrack --ctstate INVALID -m connlimit --connlimit-above 0",
      "-A FORWARD -m connlimit --connlimit-upto 1",
    ),
    [
      lan(tcp("F"), { delay_ms: 20 }),
      lan(tcp("F", { sport: 7 }), { delay_ms: 20 }),
      lan(udp(), { delay_ms: 20 }),
    ],
  ),
  "connlimit does not look behind the connection that it counts": gateway(
    filter("-A FORWARD -i eth0 -m connlimit --connlimit-above 2 --connlimit-mask 0"),
    [
      lan(udp(), { delay_ms: 20 }),
      lan(udp({ sport: 1 }), { delay_ms: 20 }),
      lan(udp({ sport: 2 }), { delay_ms: 20 }),
      { cmd: "conntrack -D -p udp --sport 1" },
      lan(udp(), { delay_ms: 20 }),
      lan(udp({ sport: 2 }), { delay_ms: 20 }),
    ],
  ),
  "an address of conntrack is compared under its mask as it is written": gateway(
    filter(
      "-A FORWARD -m conntrack --ctorigdst 192.0.2.77/24",
      "-A FORWARD -m conntrack ! --ctorigsrc 10.0.0.9/8",
    ),
    [lan(udp())],
  ),
  "conntrack deletes by family, status, state and network": gateway(
    filter("-A FORWARD -m conntrack --ctstate NEW"),
    [
      lan(udp()),
      lan(tcp("S")),
      net(back("SA")),
      { cmd: "conntrack -D -f ipv6" },
      { cmd: "conntrack -D -p tcp --state ESTABLISHED" },
      { cmd: "conntrack -D --state SYN_RECV" },
      { cmd: "conntrack -D -s 10.0.0.128/25" },
      lan(udp()),
      { cmd: "conntrack -D -u SEEN_REPLY" },
      { cmd: "conntrack -D --dport 53" },
      { cmd: "conntrack -D -p udp --reply-port-src 53" },
      lan(udp()),
    ],
  ),
  "a connection's age is shown where times are noted": gateway(
    filter("-A FORWARD -m conntrack --ctstate NEW"),
    [lan(udp()), lan(udp(), { delay_ms: 1100 })],
    { dut: { ifaces: {}, sysctl: { "net.netfilter.nf_conntrack_timestamp": 1 } } },
  ),
  "a copy that TEE makes may not be cut, and has a hop less if made early": gateway(
    mangle("-A PREROUTING -j TEE --gateway 198.51.100.9", "-A POSTROUTING -j TEE --gateway 198.51.100.9"),
    [lan(udp({ dst: SERVER, ttl: 5 }))],
  ),
};
