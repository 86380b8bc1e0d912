/** Listed settings as values, and what is wrong with those that a person typed. */
import type { Diagnostic } from "../base/index.ts";
import { type SysctlSetting, sysctlValue } from "../hoststate/index.ts";
import { type Device, isObeyedSysctl, wrongSysctl } from "../sim/index.ts";
import { nameOf } from "./merging.ts";

export interface Setting extends SysctlSetting {
  readonly said: boolean;
}

/**
 * What settings amount to by key: the last value of each; that listings disagree is said. A pattern such as
 * `net.ipv4.conf.*.rp_filter`, as sysctl.conf(5) has them, stands for the devices that are known, `all` and `default`;
 * patterns elsewhere in a key are not followed.
 */
export function valuesOf(
  settings: readonly Setting[],
  devices: readonly Device[],
  assumptions: string[],
): Record<string, string | number> {
  const last = new Map<string, Setting>();
  for (const setting of settings) {
    const before = last.get(setting.key);
    last.set(setting.key, setting);
    if (before === undefined || setting.said || before.span.source === setting.span.source) continue;
    if (before.value === setting.value || !isObeyedSysctl(setting.key)) continue;
    const was = `${before.value} in ${nameOf(before.span.source)}`;
    const is = `${setting.value} in ${nameOf(setting.span.source)}`;
    assumptions.push(`${setting.key} is ${is}, not ${was}: the file named later is taken`);
  }
  const keys = new Set(last.keys());
  const names = ["all", "default", "lo", ...devices.map(({ name }) => name.replaceAll(".", "/"))];
  for (const key of last.keys()) {
    const [, before, after] = /^(net\.ipv[46]\.conf\.)[^.]*[*?[][^.]*(\.[^.]+)$/.exec(key) ?? [];
    if (before !== undefined) for (const name of names) keys.add(`${before}${name}${after}`);
  }
  const values: Record<string, string | number> = {};
  for (const key of keys) {
    const value = last.get(key)?.value ?? sysctlValue(settings, key);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** Of what a person typed: also a setting that changes nothing here is a mistake. */
export function wrongSettings(settings: readonly SysctlSetting[]): readonly Diagnostic[] {
  return settings.flatMap(({ key, value, span }): Diagnostic[] => {
    const wrong =
      wrongSysctl(key, value ?? "") ??
      (isObeyedSysctl(key)
        ? undefined
        : { message: `the model does not read ${key}`, hint: "leave it out: it changes nothing here" });
    return wrong === undefined ? [] : [{ code: "hoststate/bad-sysctl", severity: "error", span, ...wrong }];
  });
}
