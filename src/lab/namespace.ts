/** Network namespaces without a name. */
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { enterNetwork, unshareNetwork } from "./libc.ts";

export class Namespace implements Disposable {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Everything that the main thread does from here on happens in this namespace. */
  enter(): void {
    enterNetwork(this.#fd);
  }

  /** A path that names the namespace to programs started from here, while this process lives. */
  get path(): string {
    return `/proc/${process.pid}/fd/${this.#fd}`;
  }

  /** Gives it up; the kernel removes it when nothing is inside any more. */
  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** The namespace that the main thread is in. */
export const currentNamespace = (): Namespace => new Namespace(openSync("/proc/thread-self/ns/net", "r"));

/** A new network namespace, entered. Errors: a SystemError with EPERM without CAP_SYS_ADMIN. */
export function newNamespace(): Namespace {
  unshareNetwork();
  return currentNamespace();
}

/** Sets a sysctl of the current namespace; `key` with dots, or with slashes where a device's name has a dot. */
export function writeSysctl(key: string, value: string | number): void {
  writeFileSync(`/proc/sys/${key.includes("/") ? key : key.replaceAll(".", "/")}`, `${value}`);
}

/** A file under /proc/net as the current namespace has it. */
export const readProcNet = (name: string): string => readFileSync(`/proc/thread-self/net/${name}`, "utf8");
