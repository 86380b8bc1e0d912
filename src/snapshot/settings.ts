/** Listed settings as values, and what is wrong with those that a person typed. */
import type { Diagnostic } from "../base/index.ts";
import type { SysctlSetting } from "../hoststate/index.ts";
import { isObeyedSysctl, wrongSysctl } from "../sim/index.ts";
import { nameOf } from "./merging.ts";

export interface Setting extends SysctlSetting {
  readonly said: boolean;
}

/** The last value of each key; that listings disagree is said. */
export function valuesOf(
  settings: readonly Setting[],
  assumptions: string[],
): Record<string, string | number> {
  const values = new Map<string, Setting>();
  for (const setting of settings) {
    const before = values.get(setting.key);
    values.set(setting.key, setting);
    if (before === undefined || setting.said || before.span.source === setting.span.source) continue;
    if (before.value === setting.value || !isObeyedSysctl(setting.key)) continue;
    const was = `${before.value} in ${nameOf(before.span.source)}`;
    const is = `${setting.value} in ${nameOf(setting.span.source)}`;
    assumptions.push(`${setting.key} is ${is}, not ${was}: the file named later is taken`);
  }
  return Object.fromEntries([...values].map(([key, { value }]) => [key, value ?? ""]));
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
