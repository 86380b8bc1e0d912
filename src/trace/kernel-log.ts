/**
 * A line that the LOG target writes, as packet notation:
 *
 *     FW DROP: IN=eth0 OUT= MAC=… SRC=203.0.113.7 DST=192.0.2.1 LEN=60 TOS=0x00 TTL=52 ID=1 DF PROTO=TCP SPT=4000 DPT=22 SYN
 *
 * A packet that was logged in FORWARD had lost one of its TTL already. Kernel: net/netfilter/nf_log_syslog.c.
 */

/** What follows names the flags; ICMP errors quote their packet in brackets, which is not read. */
const FLAGS: ReadonlySet<string> = new Set(["SYN", "ACK", "FIN", "RST", "PSH", "URG"]);

/** @returns undefined for what is no such line. */
export function fromKernelLog(line: string): string | undefined {
  const text = line.replace(/\[[^\]]*\]/g, " ");
  if (!/\bSRC=\S+ DST=\S+/.test(text)) return undefined;
  const value = (key: string): string | undefined =>
    new RegExp(`\\b${key}=(\\S*)`).exec(text)?.[1] || undefined;
  const [source, destination] = [value("SRC"), value("DST")] as const;
  const protocol = (value("PROTO") ?? "").toLowerCase();
  const words = [protocol];
  const end = (address: string | undefined, port: string | undefined): string => {
    if (port === undefined) return `${address}`;
    return address?.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  };
  words.push(end(source, value("SPT")), ">", end(destination, value("DPT")));
  if (protocol === "tcp") {
    const flags = text.split(/\s+/).filter((word) => FLAGS.has(word));
    if (flags.length > 0) words.push(flags.join(",").toLowerCase());
  }
  if (protocol.startsWith("icmp") && value("TYPE") !== undefined)
    words.push(`type=${value("TYPE")}`, `code=${value("CODE") ?? 0}`);
  const device = value("IN");
  words.push(device === undefined ? "out" : `in ${device}`);
  const uid = value("UID");
  if (device === undefined && uid !== undefined) words.push(`uid=${uid}`);
  const ttl = Number(value("TTL") ?? value("HOPLIMIT"));
  const forwarded = device !== undefined && value("OUT") !== undefined;
  if (Number.isInteger(ttl) && ttl > 0) words.push(`ttl=${Math.min(255, ttl + (forwarded ? 1 : 0))}`);
  // Destination, source and type of the frame.
  const frame = value("MAC")?.split(":");
  if (frame?.length === 14 && device !== undefined) words.push(`mac=${frame.slice(6, 12).join(":")}`);
  return words.filter((word) => word !== "").join(" ");
}
