/**
 * The `owner` match: the user, group or existence of the socket that sends the packet.
 *
 *     [!] --uid-owner user|uid[-uid]
 *     [!] --gid-owner group|gid[-gid] [--suppl-groups]
 *     [!] --socket-exists
 *
 * At least one test must be given; several must all hold. Packets without a socket (forwarded ones, and replies of
 * the kernel) match only under `!`. A name is printed as its number. `--suppl-groups` must stand behind
 * `--gid-owner`. Kernel: net/netfilter/xt_owner.c, owner_mt() and owner_check(), revision 1.
 */
import { unknown } from "../../pktset/index.ts";
import { type AccountKind, accountNumber, refuseAccount } from "../accounts.ts";
import { defineMatch, flag, type Occurrence, optional, type ValueParser } from "../contract.ts";
import { inRange, type NumberRange, wholeNumber } from "../numbers.ts";
import { refuse, refuseOption } from "../refusal.ts";

export interface OwnerInfo {
  /** undefined: not tested. */
  readonly user: Occurrence<NumberRange> | undefined;
  readonly group: Occurrence<NumberRange> | undefined;
  /** Whether the groups beside the main one count too. */
  readonly supplementary: boolean;
  readonly socketExists: { readonly invert: boolean } | undefined;
}

/** 2^32 - 1 means "no user". */
const MAX = 0xfffffffe;

function ids(kind: AccountKind): ValueParser<NumberRange> {
  return (text) => {
    const named = accountNumber(text, kind);
    if (named !== undefined) return { low: named, high: named };
    const account = refuseAccount(text, kind);
    if (account !== undefined) return account;
    const dash = text.search(/[-:]/);
    const low = wholeNumber(dash < 0 ? text : text.slice(0, dash), 0, MAX);
    const high = dash < 0 ? low : wholeNumber(text.slice(dash + 1), 0, MAX);
    if (low === undefined || high === undefined) {
      return refuse(
        "xt/bad-range",
        `"${text}" is neither a ${kind} nor a range`,
        `write low-high, from 0 to ${MAX}`,
      );
    }
    if (low <= high) return { low, high };
    return refuse("xt/reversed-range", `the range "${text}" ends before it starts`, `write ${high}-${low}`);
  };
}

function print(option: string, use: Occurrence<NumberRange> | undefined): string {
  if (use === undefined) return "";
  const { low, high } = use.value;
  return ` ${use.invert ? "! " : ""}${option} ${low === high ? low : `${low}-${high}`}`;
}

export const owner = defineMatch({
  name: "owner",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "user, group or existence of the sending socket",
  hooks: ["OUTPUT", "POSTROUTING"],
  options: {
    "--uid-owner": optional(ids("user"), { invertible: true, operand: "user" }),
    "--gid-owner": optional(ids("group"), { invertible: true, operand: "group" }),
    "--socket-exists": flag({ invertible: true }),
    "--suppl-groups": flag({ requires: ["--gid-owner"] }),
  },

  build: (given) => {
    const user = given["--uid-owner"];
    const group = given["--gid-owner"];
    const socketExists = given["--socket-exists"];
    if (user === undefined && group === undefined && socketExists === undefined) {
      return refuse(
        "xt/missing-option",
        "nothing is tested",
        "add --uid-owner, --gid-owner or --socket-exists",
      );
    }
    const supplementary = given["--suppl-groups"];
    if (supplementary !== undefined && (supplementary.start ?? 0) < (group?.start ?? 0)) {
      const message = "--suppl-groups stands before the --gid-owner that it is about";
      return refuseOption("xt/missing-option", "--suppl-groups", message, "write it behind --gid-owner");
    }
    return { user, group, supplementary: supplementary !== undefined, socketExists } satisfies OwnerInfo;
  },
  print: ({ user, group, supplementary, socketExists }: OwnerInfo) => {
    const socket = socketExists === undefined ? "" : ` ${socketExists.invert ? "! " : ""}--socket-exists`;
    const text = `${socket}${print("--uid-owner", user)}${print("--gid-owner", group)}`;
    return `${text}${supplementary ? " --suppl-groups" : ""}`.slice(1);
  },

  evaluate:
    ({ user, group, supplementary, socketExists }) =>
    ({ owner }) => {
      if (owner === undefined)
        return [user, group, socketExists].every((test) => test === undefined || test.invert);
      if (socketExists?.invert === true) return false;
      // The kernel's own sockets have no file, and so nobody whose they are.
      if (owner === "kernel") return [user, group].every((test) => test === undefined || test.invert);
      const { uid, gid } = owner;
      if (user !== undefined && uid !== undefined && !inRange(user, uid)) return false;
      if (group !== undefined && gid !== undefined && !supplementary && !inRange(group, gid)) return false;
      const userKnown = user === undefined || uid !== undefined;
      const groupKnown = group === undefined || (gid !== undefined && !supplementary);
      return userKnown && groupKnown ? true : "unknown";
    },

  symbolic: () => unknown("owner: which socket sends the packet"),
});
