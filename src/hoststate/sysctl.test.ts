import { describe, expect, test } from "vitest";
import { canonicalSysctlKey, parseSysctl, printSysctl, sysctlValue } from "./sysctl.ts";

describe("sysctl", () => {
  test("what `sysctl -a` prints is printed back", () => {
    const text =
      "fs.dentry-state = 41657\t40529\t45\t0\t4723\t0\nkernel.panic_sys_info = \nnet.ipv4.conf.d0/100.rp_filter = 0\n";
    const { settings, diagnostics } = parseSysctl(text, "sysctl");
    expect(diagnostics).toEqual([]);
    expect(printSysctl(settings).replace("info =  ", "info = ")).toBe(text);
  });

  test.each([
    ["net.ipv4.ip_forward=1", "net.ipv4.ip_forward", "1", false],
    ["  net/ipv4/conf/eth0.100/rp_filter = 2 \r", "net.ipv4.conf.eth0/100.rp_filter", "2", false],
    ["-net.ipv4.tcp_x = a = b", "net.ipv4.tcp_x", "a = b", true],
    ["-net.ipv4.conf.eth0.rp_filter", "net.ipv4.conf.eth0.rp_filter", undefined, true],
  ])("%s", (line, key, value, ignoreFailure) => {
    const { settings, diagnostics } = parseSysctl(`# comment\n; another\n${line}\n`, "sysctl.conf");
    expect(diagnostics).toEqual([]);
    expect(settings).toMatchObject([{ key, value, ignoreFailure }]);
  });

  test("keys are the same with dots or slashes", () => {
    expect(canonicalSysctlKey("net/ipv4/conf/eth0.100/rp_filter")).toBe("net.ipv4.conf.eth0/100.rp_filter");
  });

  test.each([
    ["the last setting counts", "a.b = 1\na.b = 2", "a.b", "2"],
    ["a pattern sets what no name does", "a.*.c = 1", "a.x.c", "1"],
    ["a name beats a later pattern", "a.x.c = 2\na.*.c = 1", "a.x.c", "2"],
    ["an excluded key is not set", "a.*.c = 1\n-a.x.c", "a.x.c", undefined],
    ["a star stops at a dot", "a.* = 1", "a.x.c", undefined],
  ])("%s", (_, text, key, value) => {
    expect(sysctlValue(parseSysctl(text, "s").settings, key)).toBe(value);
  });

  test.each([
    ["no equals sign", "net.ipv4.ip_forward 1", "error", "net.ipv4.ip_forward 1"],
    ["a word for a number", "net.ipv4.ip_forward = banana", "error", "net.ipv4.ip_forward = banana"],
    ["no key", "  = 1", "error", "= 1"],
    [
      "what sysctl could not read",
      'sysctl: permission denied on key "kernel.x"',
      "warning",
      'sysctl: permission denied on key "kernel.x"',
    ],
  ])("%s is said with its place", (_, text, severity, place) => {
    const { diagnostics } = parseSysctl(`a.b = 1\n${text}\n`, "s");
    expect(
      diagnostics.map((each) => [each.severity, `a.b = 1\n${text}\n`.slice(each.span.start, each.span.end)]),
    ).toEqual([[severity, place]]);
  });
});
