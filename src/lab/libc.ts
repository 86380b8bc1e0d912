/**
 * The system calls that Node has no word for: network namespaces and raw sockets. All are made on the main thread,
 * whose namespace they change and use; what runs on Node's other threads (asynchronous file reads, DNS) stays outside.
 */
import { getSystemErrorMessage } from "node:util";
import koffi from "koffi";

const libc = koffi.load("libc.so.6");

const unshareCall = libc.func("int unshare(int flags)");
const setnsCall = libc.func("int setns(int fd, int type)");
const socketCall = libc.func("int socket(int domain, int type, int protocol)");
const bindCall = libc.func("int bind(int fd, void *address, uint32_t length)");
const listenCall = libc.func("int listen(int fd, int backlog)");
const closeCall = libc.func("int close(int fd)");
const sendCall = libc.func("long send(int fd, void *bytes, size_t length, int flags)");
const sendtoCall = libc.func(
  "long sendto(int fd, void *bytes, size_t length, int flags, void *address, uint32_t addressLength)",
);
const recvCall = libc.func("long recv(int fd, void *bytes, size_t length, int flags)");
const recvfromCall = libc.func(
  "long recvfrom(int fd, void *bytes, size_t length, int flags, void *address, void *addressLength)",
);
const pollCall = libc.func("int poll(void *fds, unsigned long count, int timeout)");
const getsockoptCall = libc.func("int getsockopt(int fd, int level, int name, void *value, void *length)");
const setsockoptCall = libc.func("int setsockopt(int fd, int level, int name, void *value, uint32_t length)");
const ioctlCall = libc.func("int ioctl(int fd, unsigned long request, void *argument)");
const indexCall = libc.func("uint32_t if_nametoindex(const char *name)");
const affinityCall = libc.func("int sched_setaffinity(int pid, size_t length, void *mask)");

const clockCall = libc.func("int clock_gettime(int clock, void *time)");

const CLOCK_MONOTONIC = 1;
const CLOCK_MONOTONIC_COARSE = 6;
const EAGAIN = 11;

/** A system call that failed. `code` is the positive errno. */
export class SystemError extends Error {
  readonly code: number;

  constructor(call: string, code: number) {
    super(`${call}: ${getSystemErrorMessage(-code)}`);
    this.code = code;
  }
}

function checked(call: string, result: number | bigint): number {
  if (Number(result) < 0) throw new SystemError(call, koffi.errno());
  return Number(result);
}

/** Moves the main thread into a new network namespace. Source: unshare(2), CLONE_NEWNET. */
export const unshareNetwork = (): void => void checked("unshare", unshareCall(0x40000000));

/** Moves the main thread into the network namespace that `fd` stands for. Source: setns(2). */
export const enterNetwork = (fd: number): void => void checked("setns", setnsCall(fd, 0x40000000));

export const openSocket = (domain: number, type: number, protocol: number): number =>
  checked("socket", socketCall(domain, type, protocol));

export const bindSocket = (fd: number, address: Uint8Array): void =>
  void checked("bind", bindCall(fd, address, address.length));

export const listenOn = (fd: number, backlog: number): void =>
  void checked("listen", listenCall(fd, backlog));

export const closeSocket = (fd: number): void => void closeCall(fd);

export const sendBytes = (fd: number, bytes: Uint8Array): void =>
  void checked("send", sendCall(fd, bytes, bytes.length, 0));

export const sendTo = (fd: number, bytes: Uint8Array, address: Uint8Array): void =>
  void checked("sendto", sendtoCall(fd, bytes, bytes.length, 0, address, address.length));

const MSG_DONTWAIT = 0x40;

/** What waits in the socket, into `buffer`. @returns its length, or -1 if nothing waits. */
export function receiveNow(fd: number, buffer: Uint8Array): number {
  const length = Number(recvCall(fd, buffer, buffer.length, MSG_DONTWAIT));
  if (length >= 0) return length;
  const code = koffi.errno();
  if (code === EAGAIN) return -1;
  throw new SystemError("recv", code);
}

/** As `receiveNow`; the sender's socket address goes into `from`. */
export function receiveFromNow(fd: number, buffer: Uint8Array, from: Uint8Array): number {
  const size = Uint32Array.of(from.length);
  const length = Number(recvfromCall(fd, buffer, buffer.length, MSG_DONTWAIT, from, size));
  if (length >= 0) return length;
  const code = koffi.errno();
  if (code === EAGAIN) return -1;
  throw new SystemError("recvfrom", code);
}

/** Waits for something to read. @returns false if nothing came in the time, in ms. */
export function waitFor(fd: number, timeoutMs: number): boolean {
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, 1, true);
  return checked("poll", pollCall(entry, 1, timeoutMs)) > 0;
}

/** @returns how many bytes of `value` were filled. */
export function getOption(fd: number, level: number, name: number, value: Uint8Array): number {
  const size = Uint32Array.of(value.length);
  checked("getsockopt", getsockoptCall(fd, level, name, value, size));
  return size[0] as number;
}

export const setOption = (fd: number, level: number, name: number, value: number): void =>
  void checked("setsockopt", setsockoptCall(fd, level, name, Int32Array.of(value), 4));

/** @returns false if the kernel refuses. */
export const ioctl = (fd: number, request: number, argument: Uint8Array): boolean =>
  ioctlCall(fd, request, argument) === 0;

/** Where a value stands in memory, for structures that point at it. */
export const addressOf = (value: Uint8Array): bigint => BigInt(koffi.address(value));

/** @returns the device's index in the current namespace. */
export function interfaceIndex(name: string): number {
  const index = indexCall(name);
  if (index === 0) throw new SystemError(`if_nametoindex ${name}`, koffi.errno());
  return index;
}

/** Keeps the main thread on one processor, so that the kernel's per-processor queues stay in order. */
export function runOnProcessor(cpu: number): void {
  const mask = new Uint8Array(128);
  mask[cpu >> 3] = 1 << (cpu & 7);
  checked("sched_setaffinity", affinityCall(0, mask.length, mask));
}

function clock(id: number): number {
  const time = new BigInt64Array(2);
  checked("clock_gettime", clockCall(id, time));
  return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
}

/** Longest age of a tick, in ms, at which a packet still gets into the host before the next (at HZ=250). */
const EARLY_MS = 3.5;

/**
 * The time of the kernel's last tick, in ms: what it counts timeouts and rates by. If the next is near, waits for it, so that
 * what is done at once happens in this tick. Source: clock_gettime(2).
 */
export function earlyTick(): number {
  let tick = clock(CLOCK_MONOTONIC_COARSE);
  if (clock(CLOCK_MONOTONIC) - tick < EARLY_MS) return tick;
  for (const last = tick; tick === last; ) tick = clock(CLOCK_MONOTONIC_COARSE);
  return tick;
}
