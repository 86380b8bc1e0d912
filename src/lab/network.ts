/** The network of a case in two namespaces: the host under test, and the world at the other end of each of its links. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { CaseFile } from "../cases/index.ts";
import { BARRIER_TYPE, Barrier, barrierFrame, type Link } from "./barrier.ts";
import { addressOf, closeSocket, ioctl } from "./libc.ts";
import { newNamespace, writeSysctl } from "./namespace.ts";
import { controlSocket, FrameSocket } from "./sockets.ts";

const ETH_P_ALL = 3;
const FIRST_INDEX = 10;
const LINK_PATIENCE_MS = 5000;
const SIOCETHTOOL = 0x8946;
/** ETHTOOL_STSO, SGSO, SGRO, STXCSUM, SRXCSUM: what would change packets behind our back. */
const OFFLOADS = [0x1f, 0x24, 0x2c, 0x17, 0x15];
/** The first reports of joined multicast groups go out at a random time; they must be gone before rules count. */
const MULTICAST_REPORTS_MS = 60;

/** Runs a program in the current namespace. Errors: an Error with what it wrote on stderr. */
export function run(command: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}

export interface LabNetwork {
  readonly links: ReadonlyMap<string, Link>;
  readonly barrier: Barrier;
}

/** Builds the network of a case, held by `stack`, and leaves the main thread inside the host under test. */
export async function buildNetwork({ dut }: CaseFile, stack: DisposableStack): Promise<LabNetwork> {
  const world = stack.use(newNamespace());
  const host = stack.use(newNamespace());
  const names = Object.keys(dut.ifaces);
  const ipv6 = Object.values(dut.ifaces).some(({ addrs }) => addrs?.some((text) => text.includes(":")));
  setDefaults(ipv6, dut.sysctl ?? {});
  const macs = names.map((name, at) => dut.ifaces[name]?.mac ?? `02:00:00:00:${hex(at)}:01`);
  const lines = ["link set lo up"];
  for (const [at, name] of names.entries()) {
    const { addrs, mtu } = dut.ifaces[name] as CaseFile["dut"]["ifaces"][string];
    const index = FIRST_INDEX + at;
    lines.push(
      `link add ${name} index ${index} address ${macs[at]} mtu ${mtu ?? 1500} type veth peer name w${at} index ${index} address 02:00:00:00:${hex(at)}:02 netns ${world.path}`,
      `link set ${name} arp off`,
      `link set ${name} up`,
      ...(addrs ?? []).map((text) => `addr add ${text} dev ${name}${text.includes(":") ? " nodad" : ""}`),
    );
  }
  ip(lines);
  names.forEach(turnOffOffloads);
  world.enter();
  writeSysctl("net.ipv6.conf.default.disable_ipv6", 1);
  writeSysctl("net.ipv6.conf.all.disable_ipv6", 1);
  ip(
    names.flatMap((name, at) => [
      `link set w${at} mtu ${dut.ifaces[name]?.mtu ?? 1500}`,
      `link set w${at} arp off`,
      `link set w${at} up`,
    ]),
  );
  const worldSockets = names.map((_, at) => {
    turnOffOffloads(`w${at}`);
    return stack.use(new FrameSocket(`w${at}`, ETH_P_ALL));
  });
  host.enter();
  ip([
    ...(dut.routes ?? []).map((text) => `route add ${text}`),
    ...(dut.rules ?? []).map((text) => `rule add ${text}`),
  ]);
  for (const [key, value] of Object.entries(dut.sysctl ?? {}))
    if (!isEarly(key) && !isConntrack(key)) writeSysctl(key, value);
  const links = new Map(
    names.map((device, at): [string, Link] => {
      const hostMac = Uint8Array.from((macs[at] as string).split(":"), (octet) => Number.parseInt(octet, 16));
      const socket = stack.use(new FrameSocket(device, BARRIER_TYPE));
      return [device, { device, hostMac, world: worldSockets[at] as FrameSocket, host: socket }];
    }),
  );
  for (const link of links.values()) await untilUp(link);
  if (ipv6) await sleep(MULTICAST_REPORTS_MS);
  const barrier = new Barrier([...links.values()]);
  barrier.pass();
  return { links, barrier };
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");
const isEarly = (key: string): boolean => key.includes(".all.") || key.includes(".default.");
export const isConntrack = (key: string): boolean => key.includes("nf_conntrack");

/** What a quiet host needs: no autoconfiguration, no limits of its own on answers, no reverse path filter. */
function setDefaults(ipv6: boolean, sysctls: Readonly<Record<string, string | number>>): void {
  const settings: Record<string, string | number> = {
    "net.ipv6.conf.default.disable_ipv6": ipv6 ? 0 : 1,
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.accept_ra": 0,
    "net.ipv6.conf.default.addr_gen_mode": 1,
    "net.ipv6.conf.default.router_solicitations": 0,
    "net.ipv6.conf.default.mldv2_unsolicited_report_interval": 1,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.icmp_ratelimit": 0,
    "net.ipv4.icmp_msgs_per_sec": 1_000_000,
    "net.ipv4.icmp_msgs_burst": 1_000_000,
  };
  for (const [key, value] of Object.entries(settings)) {
    try {
      writeSysctl(key, value);
    } catch (reason) {
      // Before Linux 6.12 the global limits belong to the first namespace, and are not touched.
      if (!key.startsWith("net.ipv4.icmp_msgs")) throw reason;
    }
  }
  for (const [key, value] of Object.entries(sysctls)) if (isEarly(key)) writeSysctl(key, value);
}

function ip(lines: readonly string[]): void {
  if (lines.length > 0) run("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
}

function turnOffOffloads(device: string): void {
  const socket = controlSocket();
  for (const command of OFFLOADS) {
    const value = new Uint8Array(8);
    new DataView(value.buffer).setUint32(0, command, true);
    const request = new Uint8Array(40);
    request.set(new TextEncoder().encode(device));
    new DataView(request.buffer).setBigUint64(16, addressOf(value), true);
    // A driver that lacks an offload refuses to turn it off, which is as good.
    ioctl(socket, SIOCETHTOOL, request);
  }
  closeSocket(socket);
}

/** A link's carrier comes up in the background, and frames sent before are lost: frames are sent until one arrives. */
async function untilUp({ device, hostMac, world, host }: Link): Promise<void> {
  const deadline = performance.now() + LINK_PATIENCE_MS;
  for (const [from, to] of [
    [world, host],
    [host, world],
  ] as const) {
    for (;;) {
      try {
        from.send(barrierFrame(hostMac, 0));
      } catch {
        // The device is not up yet.
      }
      if (to.wait(2)) break;
      if (performance.now() > deadline) throw new Error(`the link of ${device} does not come up`);
    }
    while (to.receive() !== undefined);
  }
}
