/**
 * The lab: real network namespaces that Postern makes, fills and lets go, and the real kernel's answer to a packet.
 * Namespaces have no name and no file: they end with the process, so nothing can be left behind.
 */
export { type KernelCase, type KernelResult, openKernelCase } from "./kernel-case.ts";
export { type Namespace, newNamespace } from "./namespace.ts";
