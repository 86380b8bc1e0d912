/** The sysctls under net.netfilter that conntrack obeys, with the kernel's defaults. Times in seconds. */

/** Reads one setting as a number; undefined if the host does not say. */
export type SettingReader = (key: string) => number | undefined;

export interface ConntrackSettings {
  /** Entries; a setting of 0 is no limit. Kernel: __nf_conntrack_alloc(). */
  readonly max: number;
  readonly checksum: boolean;
  readonly accounting: boolean;
  readonly timestamps: boolean;
  readonly tcpLoose: boolean;
  readonly tcpLiberal: boolean;
  readonly tcpMaxRetransmissions: number;
  readonly tcpIgnoreInvalidReset: boolean;
  /** By index of TCP_STATES. */
  readonly tcpTimeoutSec: readonly number[];
  readonly tcpRetransmissionSec: number;
  readonly tcpUnacknowledgedSec: number;
  readonly udpSec: number;
  readonly udpStreamSec: number;
  readonly icmpSec: number;
  readonly icmpv6Sec: number;
  readonly greSec: number;
  readonly greStreamSec: number;
  readonly genericSec: number;
  /** By index of SCTP_STATES. */
  readonly sctpTimeoutSec: readonly number[];
}

export function readConntrackSettings(read: SettingReader): ConntrackSettings {
  const get = (name: string, usual: number): number => read(`net.netfilter.nf_conntrack_${name}`) ?? usual;
  const tcp = (name: string, usual: number): number => get(`tcp_timeout_${name}`, usual);
  const sctp = (name: string, usual: number): number => get(`sctp_timeout_${name}`, usual);
  const synSent = tcp("syn_sent", 120);
  return {
    max: get("max", 262_144) || Number.POSITIVE_INFINITY,
    checksum: get("checksum", 1) !== 0,
    accounting: get("acct", 0) !== 0,
    timestamps: get("timestamp", 0) !== 0,
    tcpLoose: get("tcp_loose", 1) !== 0,
    tcpLiberal: get("tcp_be_liberal", 0) !== 0,
    tcpMaxRetransmissions: get("tcp_max_retrans", 3),
    tcpIgnoreInvalidReset: get("tcp_ignore_invalid_rst", 0) !== 0,
    tcpTimeoutSec: [
      0,
      synSent,
      tcp("syn_recv", 60),
      tcp("established", 432_000),
      tcp("fin_wait", 120),
      tcp("close_wait", 60),
      tcp("last_ack", 30),
      tcp("time_wait", 120),
      tcp("close", 10),
      120,
    ],
    tcpRetransmissionSec: tcp("max_retrans", 300),
    tcpUnacknowledgedSec: tcp("unacknowledged", 300),
    udpSec: get("udp_timeout", 30),
    udpStreamSec: get("udp_timeout_stream", 120),
    icmpSec: get("icmp_timeout", 30),
    icmpv6Sec: get("icmpv6_timeout", 30),
    greSec: get("gre_timeout", 30),
    greStreamSec: get("gre_timeout_stream", 180),
    genericSec: get("generic_timeout", 600),
    sctpTimeoutSec: [
      0,
      sctp("closed", 10),
      sctp("cookie_wait", 3),
      sctp("cookie_echoed", 3),
      sctp("established", 210),
      sctp("shutdown_sent", 3),
      sctp("shutdown_recd", 3),
      sctp("shutdown_ack_sent", 3),
      sctp("heartbeat_sent", 30),
    ],
  };
}
