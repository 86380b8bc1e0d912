/**
 * Users and groups that have the same number on every Debian system, from Debian 12's base-passwd. Any other name
 * means what the host's own /etc/passwd says at load time, and so is refused.
 */
import { type Refusal, refuse } from "./refusal.ts";

const SHARED: readonly (readonly [string, number])[] = [
  ["root", 0],
  ["daemon", 1],
  ["bin", 2],
  ["sys", 3],
  ["lp", 7],
  ["mail", 8],
  ["news", 9],
  ["uucp", 10],
  ["proxy", 13],
  ["www-data", 33],
  ["backup", 34],
  ["list", 38],
  ["irc", 39],
];

export type AccountKind = "user" | "group";

const ACCOUNTS: Readonly<Record<AccountKind, ReadonlyMap<string, number>>> = {
  user: new Map([...SHARED, ["sync", 4], ["games", 5], ["man", 6], ["nobody", 65534]]),
  group: new Map([
    ...SHARED,
    ["adm", 4],
    ["tty", 5],
    ["disk", 6],
    ["man", 12],
    ["kmem", 15],
    ["dialout", 20],
    ["fax", 21],
    ["voice", 22],
    ["cdrom", 24],
    ["floppy", 25],
    ["tape", 26],
    ["sudo", 27],
    ["audio", 29],
    ["dip", 30],
    ["operator", 37],
    ["src", 40],
    ["shadow", 42],
    ["utmp", 43],
    ["video", 44],
    ["sasl", 45],
    ["plugdev", 46],
    ["staff", 50],
    ["games", 60],
    ["users", 100],
    ["nogroup", 65534],
  ]),
};

export function accountNumber(name: string, kind: AccountKind): number | undefined {
  return ACCOUNTS[kind].get(name);
}

/** Why a name is not taken, if it could be one. */
export function refuseAccount(name: string, kind: AccountKind): Refusal | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name)) return undefined;
  const command = kind === "user" ? `id -u ${name}` : `getent group ${name}`;
  return refuse(
    "xt/account-name",
    `which number the ${kind} "${name}" has depends on the host that loads the rule`,
    `write the number; "${command}" on the host shows it`,
  );
}
