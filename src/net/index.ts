/**
 * What the wire carries, free of any firewall: addresses, prefixes, protocol numbers, service names.
 */
export * from "./address.ts";
export * from "./address-words.ts";
export * from "./bytes.ts";
export { CapturedPacket, type CaptureFault, type CaptureSummary } from "./capture.ts";
export * from "./ipv6-headers.ts";
export * from "./jhash.ts";
export { findSourceMac, frameType } from "./link-layer.ts";
export { readCapture } from "./pcap.ts";
export * from "./prefix.ts";
export * from "./protocols.ts";
export * from "./services.ts";
