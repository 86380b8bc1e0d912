/** Raw sockets: frames on a device, and IP packets to and from this host. Source: packet(7), raw(7), ip(7). */
import { type Family, parseIpv4, parseIpv6, toWords, writeWords } from "../net/index.ts";
import {
  bindSocket,
  closeSocket,
  interfaceIndex,
  listenOn,
  openSocket,
  receiveFromNow,
  receiveNow,
  sendBytes,
  sendTo,
  setOption,
  waitFor,
} from "./libc.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const IPPROTO_RAW = 255;
/** Longer than any packet with its link header. */
const BUFFER_SIZE = 65_600;
const RECEIVE_BUFFER = 1 << 24;

const buffer = new Uint8Array(BUFFER_SIZE);

/** A socket that yields whole messages. */
abstract class MessageSocket implements Disposable {
  protected readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** @returns the next message, or undefined if none waits. */
  receive(): Uint8Array | undefined {
    const length = receiveNow(this.fd, buffer);
    return length < 0 ? undefined : buffer.slice(0, length);
  }

  wait(timeoutMs: number): boolean {
    return waitFor(this.fd, timeoutMs);
  }

  send(bytes: Uint8Array): void {
    sendBytes(this.fd, bytes);
  }

  [Symbol.dispose](): void {
    closeSocket(this.fd);
  }
}

/** Ethernet frames of one device of the current namespace; what this host sends itself is not received. */
export class FrameSocket extends MessageSocket {
  constructor(device: string, etherType: number) {
    super(openSocket(AF_PACKET, SOCK_RAW, 0));
    setOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
    setOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, etherType);
    view.setInt32(4, interfaceIndex(device), true);
    bindSocket(this.fd, address);
  }
}

/** What reaches this host in one protocol: IPv4 packets whole, IPv6 from the transport header on. */
export class DeliverySocket extends MessageSocket {
  readonly family: Family;
  readonly #from = new Uint8Array(28);

  constructor(family: Family, protocol: number) {
    super(openSocket(family === "ipv4" ? AF_INET : AF_INET6, SOCK_RAW, protocol));
    this.family = family;
    setOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  }

  /** The next packet with the address that it came from, as the socket tells it. */
  receiveFrom(): { readonly bytes: Uint8Array; readonly from: Uint8Array } | undefined {
    const length = receiveFromNow(this.fd, buffer, this.#from);
    if (length < 0) return undefined;
    const from = this.family === "ipv4" ? this.#from.slice(4, 8) : this.#from.slice(8, 24);
    return { bytes: buffer.slice(0, length), from };
  }
}

/** Sends whole IP packets as a program of this host. */
export class PacketSender implements Disposable {
  readonly #ipv4 = openSocket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  #ipv6: number | undefined;

  /** Errors: a SystemError, with EPERM if a rule dropped the packet. */
  send(packet: Uint8Array): void {
    if ((packet[0] as number) >>> 4 === 6) {
      this.#ipv6 ??= openSocket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
      const address = new Uint8Array(28);
      address[0] = AF_INET6;
      address.set(packet.subarray(24, 40), 8);
      sendTo(this.#ipv6, packet, address);
      return;
    }
    const address = new Uint8Array(16);
    address[0] = AF_INET;
    address.set(packet.subarray(16, 20), 4);
    sendTo(this.#ipv4, packet, address);
  }

  [Symbol.dispose](): void {
    closeSocket(this.#ipv4);
    if (this.#ipv6 !== undefined) closeSocket(this.#ipv6);
  }
}

/** A listening TCP socket, or an open UDP one that nobody reads. @returns it, to be closed. */
export function openService(protocol: "tcp" | "udp", port: number, address: string | undefined): number {
  const ipv6 = address?.includes(":") === true;
  const fd = openSocket(ipv6 ? AF_INET6 : AF_INET, protocol === "tcp" ? SOCK_STREAM : SOCK_DGRAM, 0);
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  const bytes = new Uint8Array(ipv6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ipv6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, port);
  if (address !== undefined) {
    const parsed = ipv6 ? parseIpv6(address) : parseIpv4(address);
    if (parsed !== undefined) writeWords(ipv6 ? "ipv6" : "ipv4", bytes, ipv6 ? 8 : 4, toWords(parsed));
  }
  bindSocket(fd, bytes);
  if (protocol === "tcp") listenOn(fd, 16);
  return fd;
}

const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;

/** A netlink socket to netfilter. Source: netlink(7). */
export class NetfilterSocket extends MessageSocket {
  constructor() {
    super(openSocket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
    setOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
    const address = new Uint8Array(12);
    address[0] = AF_NETLINK;
    bindSocket(this.fd, address);
  }
}

/** A socket on which the tables of one family can be asked for. */
export const tablesSocket = (family: Family): number =>
  openSocket(family === "ipv4" ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);

/** A plain socket for ioctl(2). */
export const controlSocket = (): number => openSocket(AF_INET, SOCK_DGRAM, 0);
