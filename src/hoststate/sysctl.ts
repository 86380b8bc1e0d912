/**
 * Kernel settings: what `sysctl -a` prints, and what /etc/sysctl.conf and its like contain.
 *
 * Authority: sysctl(8), sysctl.conf(5), and procps-ng 4.0's output.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { Findings, forEachLine, quote } from "./words.ts";

/** One `key = value`. */
export interface SysctlSetting {
  /** Dotted, with `/` for a dot inside a name, as `sysctl -a` prints: `net.ipv4.conf.eth0/100.rp_filter`. */
  readonly key: string;
  /** Undefined for a line `-key`, which takes the key out of what a pattern sets. */
  readonly value: string | undefined;
  /** A leading `-`: failing to set it is no error. */
  readonly ignoreFailure: boolean;
  readonly span: Span;
}

export interface SysctlListing {
  /** In the order of the text; a later setting overrides an earlier one. */
  readonly settings: readonly SysctlSetting[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Keys whose value the kernel reads by proc_dointvec() and its like; anything but a number it refuses. */
const NUMBERS =
  /^net\.ipv[46]\.(ip_forward|conf\.[^.]+\.(forwarding|rp_filter|accept_local|route_localnet|src_valid_mark))$/;

/** Reads every setting of a listing or a configuration file. Comments begin with `#` or `;`. */
export function parseSysctl(text: string, source: string): SysctlListing {
  const findings = new Findings(source);
  const settings: SysctlSetting[] = [];
  forEachLine(text, (lineStart, lineEnd) => {
    const line = text.slice(lineStart, lineEnd);
    const content = line.trim();
    if (content.startsWith("#") || content.startsWith(";")) return;
    const start = lineStart + line.indexOf(content);
    const span: Span = { source, start, end: start + content.length };
    // What sysctl says on stderr, which a capture may hold too.
    if (content.startsWith("sysctl: ")) {
      const hint = "run sysctl as root if the setting matters; without it the value is unknown";
      findings.warning(
        "hoststate/sysctl-unread",
        span,
        `sysctl could not read a setting: ${quote(content)}`,
        hint,
      );
      return;
    }
    const ignoreFailure = content.startsWith("-");
    const body = ignoreFailure ? content.slice(1).trimStart() : content;
    const equals = body.indexOf("=");
    const key = (equals < 0 ? body : body.slice(0, equals)).trim();
    if (key === "" || /\s/.test(key) || (equals < 0 && !ignoreFailure)) {
      findings.error(
        "hoststate/bad-sysctl",
        span,
        `${quote(content)} is not a setting`,
        "write `key = value`, such as `net.ipv4.ip_forward = 1`",
      );
      return;
    }
    const value = equals < 0 ? undefined : body.slice(equals + 1).trim();
    const canonical = canonicalSysctlKey(key);
    if (value !== undefined && NUMBERS.test(canonical) && !/^-?(0x[0-9a-f]+|\d+)$/i.test(value)) {
      findings.error(
        "hoststate/bad-sysctl",
        span,
        `the value of ${quote(canonical)} is a number, not ${quote(value)}`,
        "write 0 or 1, or what `sysctl -a` prints",
      );
      return;
    }
    settings.push({ key: canonical, value, ignoreFailure, span });
  });
  return { settings, diagnostics: findings.diagnostics };
}

/**
 * The first separator decides: after `net/ipv4` a dot is part of a name, after `net.ipv4` a slash stands for a
 * dot of a name. So `net/ipv4/conf/eth0.100/rp_filter` and `net.ipv4.conf.eth0/100.rp_filter` are the same key.
 */
export function canonicalSysctlKey(key: string): string {
  const separator = /[./]/.exec(key)?.[0];
  if (separator !== "/") return key;
  return key.replace(/[./]/g, (character) => (character === "/" ? "." : "/"));
}

/**
 * The value that a listing gives a key: the last one said, by name, or else by a pattern such as
 * `net.ipv4.conf.*.rp_filter`. A name beats every pattern, and a line `-key` takes the key out of the patterns.
 */
export function sysctlValue(settings: readonly SysctlSetting[], key: string): string | undefined {
  const wanted = canonicalSysctlKey(key);
  const named = settings.findLast((setting) => setting.key === wanted);
  if (named !== undefined) return named.value;
  return settings.findLast((setting) => setting.value !== undefined && globMatches(setting.key, wanted))
    ?.value;
}

/** As glob(7) over /proc/sys: `*` and `?` stop at the end of a name, which is a dot here. */
function globMatches(pattern: string, key: string): boolean {
  if (!/[*?[]/.test(pattern)) return false;
  const names = key.split(".");
  const parts = pattern.split(".");
  return (
    parts.length === names.length && parts.every((part, index) => nameMatches(part, names[index] as string))
  );
}

/** `*` and `?`; a `[` stands for itself. Linear: a `*` never gives back more than one character at a time. */
function nameMatches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length; ) {
    const expected = pattern.charAt(at);
    if (expected === "*") {
      star = at++;
      resume = index;
    } else if (expected === "?" || expected === name.charAt(index)) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/** As `sysctl -a` prints, without the lines that take a key out. */
export function printSysctl(settings: readonly SysctlSetting[]): string {
  return settings
    .filter(({ value }) => value !== undefined)
    .map(({ key, value }) => `${key} = ${value}\n`)
    .join("");
}
