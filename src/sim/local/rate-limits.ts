/**
 * How often this host answers one peer with errors and redirects; all draw on one bucket. Kernel: net/ipv4/route.c, ip_error(),
 * ip_rt_send_redirect(); net/ipv4/inetpeer.c.
 */
import { toHex } from "../../net/index.ts";

const ERROR_COST_MS = 1000;
const ERROR_BURST_MS = 5000;
/** A peer that was never seen starts as if it had been silent for this long. */
const NEW_PEER_MS = 60_000;
/** XRLIM_BURST_FACTOR */
const ICMP_BURST = 6;
const REDIRECT_LOAD_MS = 20;
const MAX_REDIRECTS = 9;
const REDIRECT_SILENCE_MS = REDIRECT_LOAD_MS * 1024;

/** The kernel counts in jiffies of HZ=250. */
const MS_PER_JIFFY = 4;
const jiffiesMs = (ms: number): number => Math.floor(ms / MS_PER_JIFFY) * MS_PER_JIFFY;
/** A time that is set in ms, in whole jiffies. Kernel: msecs_to_jiffies(). */
export const toJiffies = (ms: number): number => Math.ceil(ms / MS_PER_JIFFY);

interface Peer {
  tokens: number;
  last: number;
  redirects: number;
}

export class PeerBuckets {
  readonly #peers = new Map<string, Peer>();

  #peer(address: Uint8Array, now: number): Peer {
    const key = toHex(address);
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      peer = { tokens: 0, last: now - NEW_PEER_MS, redirects: 0 };
      this.#peers.set(key, peer);
    }
    return peer;
  }

  /** Five in a row, then one a second. */
  allowRouteError(address: Uint8Array, now: number): boolean {
    const peer = this.#peer(address, now);
    peer.tokens = Math.min(ERROR_BURST_MS, peer.tokens + now - peer.last);
    peer.last = now;
    if (peer.tokens < ERROR_COST_MS) return false;
    peer.tokens -= ERROR_COST_MS;
    return true;
  }

  /**
   * An ICMP error under net.ipv4.icmp_ratelimit or net.ipv6.icmp.ratelimit, in jiffies: six in
   * a row, then one in that time. A limit of 0 lets all through, and once a jiffy has passed leaves the peer without
   * tokens for route errors.
   * Kernel: inet_peer_xrlim_allow().
   */
  allowIcmpError(address: Uint8Array, now: number, limitJiffies: number): boolean {
    const limitMs = limitJiffies * MS_PER_JIFFY;
    const peer = this.#peer(address, now);
    const elapsed = jiffiesMs(now) - jiffiesMs(peer.last);
    let tokens = peer.tokens;
    if (elapsed > 0) {
      peer.last = now;
      tokens = Math.min(ICMP_BURST * limitMs, tokens + elapsed);
    }
    peer.tokens = tokens >= limitMs ? tokens - limitMs : tokens;
    return tokens >= limitMs;
  }

  /** The first at once, each further one after twice the time, none after nine until the peer has been silent. */
  allowRedirect(address: Uint8Array, now: number): boolean {
    const peer = this.#peer(address, now);
    if (now > peer.last + REDIRECT_SILENCE_MS) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= MAX_REDIRECTS) {
      peer.last = now;
      return false;
    }
    if (peer.redirects > 0 && now <= peer.last + REDIRECT_LOAD_MS * 2 ** peer.redirects) return false;
    peer.last = now;
    peer.redirects++;
    return true;
  }
}
