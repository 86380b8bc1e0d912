/** Commands between the packets of a case, as far as the machine knows them. */
import { parseIpRoute, parseIpRule, parseIpSets } from "../hoststate/index.ts";
import { addressBits, familyOf, fromWords, parseIpv4, parseIpv6, toWords } from "../net/index.ts";
import { type Connection, type Host, inPrefix, TCP_STATES, zoneId } from "../sim/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { CT_STATUS } from "../xt/index.ts";
import { addRoute, addRule, familyOfWords, routeRefusal, ruleLine } from "./build-host.ts";

export interface CommandOutcome {
  readonly rc: number;
  readonly out: string;
}

const DONE: CommandOutcome = { rc: 0, out: "" };
const failed = (out: string, rc = 2): CommandOutcome => ({ rc, out });

/** Runs one command line. What is not known fails with 127, as a shell's unknown command. */
export function runCommand(host: Host, line: string): CommandOutcome {
  const here = /^(.*?)<<\s*'?(\w+)'?\n([\s\S]*?)\n?\2\s*$/.exec(line);
  const piped = /^\s*(?:printf|echo(?:\s+-e)?)\s+(['"])([\s\S]*?)\1\s*\|\s*([\s\S]+)$/.exec(line);
  const input = here?.[3] ?? piped?.[2]?.replaceAll("\\n", "\n");
  const words = (here?.[1] ?? piped?.[3] ?? line).trim().split(/\s+/);
  const [command, ...args] = words;
  switch (command) {
    case "conntrack":
      return conntrack(host, args);
    case "ip":
      return ip(host, args);
    case "ipset":
      return ipset(host, args, input);
    case "true":
      return DONE;
    case "sleep":
      return sleep(host, args);
    default:
      if (/^ip6?tables(-legacy|-nft)?-restore$/.test(command ?? ""))
        return restore(host, (command ?? "").startsWith("ip6") ? "ipv6" : "ipv4", input);
      return failed(`the machine does not know the command "${command}"`, 127);
  }
}

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
/** Beyond this the clock's milliseconds would no longer be told apart. */
const LONGEST_SEC = 10 * 365 * 86_400;

/** As sleep(1): the sum of numbers, each with a unit if it is not seconds. */
function sleep(host: Host, args: readonly string[]): CommandOutcome {
  let seconds = 0;
  for (const arg of args) {
    const [, number, unit = ""] = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(arg) ?? [];
    if (number === undefined) return failed(`sleep: invalid time interval '${arg}'`, 1);
    seconds += Number(number) * (SECONDS[unit] as number);
  }
  if (args.length === 0) return failed("sleep: missing operand", 1);
  if (seconds > LONGEST_SEC) return failed(`sleep: the machine sleeps at most ${LONGEST_SEC} seconds`, 1);
  host.advance(seconds * 1000);
  return DONE;
}

function restore(host: Host, family: "ipv4" | "ipv6", input: string | undefined): CommandOutcome {
  if (input === undefined) return failed("iptables-restore: the rules are wanted in a here-document");
  const { ruleset, diagnostics } = parseRestore({ source: "restore", text: `${input}\n`, family });
  const wrong = diagnostics.find(({ severity }) => severity === "error");
  if (wrong !== undefined) return failed(wrong.message, 1);
  host.load(ruleset);
  return DONE;
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
  gre: 47,
};

const equals =
  (wanted: number, pick: (connection: Connection) => number) =>
  (connection: Connection): boolean =>
    pick(connection) === wanted;

/** What `-u` asks for, of the bits on an entry. */
const STATUS_BITS: Readonly<Record<string, { readonly mask: number; readonly value: number }>> = {
  ASSURED: { mask: CT_STATUS.ASSURED, value: CT_STATUS.ASSURED },
  SEEN_REPLY: { mask: CT_STATUS.SEEN_REPLY, value: CT_STATUS.SEEN_REPLY },
  UNSET: { mask: CT_STATUS.SEEN_REPLY | CT_STATUS.ASSURED, value: 0 },
};

/** `-F`, and `-D` with the selectors that conntrack(8) has for tuples, marks and zones. */
function conntrack(host: Host, args: readonly string[]): CommandOutcome {
  const { table } = host.conntrack;
  if (args.includes("-F")) {
    for (const connection of [...table]) table.remove(connection);
    return { rc: 0, out: "conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied." };
  }
  if (!args.includes("-D")) return failed('the machine knows conntrack "-F" and "-D"', 127);
  const tests: ((connection: Connection) => boolean)[] = [];
  const refusals: string[] = [];
  const number = (text: string): number => {
    const read = Number(text);
    if (text === "" || !Number.isInteger(read) || read < 0) refusals.push(`bad value "${text}"`);
    return read;
  };
  for (let at = 0; at < args.length; at++) {
    const value = args[at + 1] ?? "";
    const option = args[at] as string;
    const side = (pick: "s" | "d", of: "original" | "reply"): void => {
      const [text = "", bits] = value.split("/");
      const wanted = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
      if (wanted === undefined || (bits !== undefined && of === "reply")) {
        refusals.push(`Bad parameter \`${value}'`);
        return;
      }
      const family = familyOf(wanted);
      const prefixBits = bits === undefined ? addressBits(family) : Number(bits);
      tests.push((connection) => {
        const tuple = connection[of];
        const words = pick === "s" ? tuple.source : tuple.destination;
        return tuple.family === family && inPrefix(family, words, toWords(wanted), prefixBits);
      });
    };
    const ofProtocol = (): void => {
      if (!args.includes("-p") && !args.includes("--proto")) refusals.push(`unknown option \`${option}'`);
    };
    const port = (pick: "sport" | "dport", of: "original" | "reply"): void => {
      ofProtocol();
      tests.push(equals(number(value), (connection) => connection[of][pick]));
    };
    const translated = (pick: "s" | "d", bit: number): void => {
      if (value !== "" && !value.startsWith("-")) side(pick, "reply");
      tests.push(({ status }) => (status & bit) !== 0);
    };
    switch (option) {
      case "-s":
      case "--src":
      case "--orig-src":
        side("s", "original");
        break;
      case "-d":
      case "--dst":
      case "--orig-dst":
        side("d", "original");
        break;
      case "-r":
      case "--reply-src":
        side("s", "reply");
        break;
      case "-q":
      case "--reply-dst":
        side("d", "reply");
        break;
      case "-p":
      case "--proto": {
        const protocol = PROTOCOLS[value] ?? number(value);
        tests.push(({ original }) => original.protocol === protocol);
        break;
      }
      case "--sport":
      case "--orig-port-src":
        port("sport", "original");
        break;
      case "--dport":
      case "--orig-port-dst":
        port("dport", "original");
        break;
      case "--reply-port-src":
        port("sport", "reply");
        break;
      case "--reply-port-dst":
        port("dport", "reply");
        break;
      case "--icmp-id":
        port("sport", "original");
        break;
      case "--icmp-type":
        tests.push(equals(number(value), ({ original }) => original.dport >>> 8));
        break;
      case "-m":
      case "--mark": {
        const [mark, mask] = value.split("/").map((part) => number(part));
        tests.push((connection) => (connection.mark & (mask ?? 0xffffffff)) >>> 0 === mark);
        break;
      }
      case "-w":
      case "--zone":
        tests.push(equals(number(value), ({ zone }) => zoneId(zone)));
        break;
      case "-f":
      case "--family":
        tests.push(({ original }) => original.family === value);
        break;
      case "-n":
      case "--src-nat":
        translated("d", CT_STATUS.SRC_NAT);
        break;
      case "-g":
      case "--dst-nat":
        translated("s", CT_STATUS.DST_NAT);
        break;
      case "--state":
        ofProtocol();
        tests.push(({ tcp }) => tcp !== undefined && TCP_STATES[tcp.state] === value);
        break;
      case "-u":
      case "--status": {
        const bits = STATUS_BITS[value];
        if (bits === undefined) return failed(`conntrack v1.4.7 (conntrack-tools): bad status ${value}`, 2);
        tests.push(({ status }) => (status & bits.mask) === bits.value);
        break;
      }
      default:
        if (option.startsWith("-") && option !== "-D")
          return failed(`the machine does not know conntrack "${option}"`, 127);
    }
  }
  if (refusals.length > 0) return failed(`conntrack v1.4.7 (conntrack-tools): ${refusals[0]}`);
  const gone = [...table].filter((connection) => tests.every((test) => test(connection)));
  for (const connection of gone) table.remove(connection);
  const out = `conntrack v1.4.7 (conntrack-tools): ${gone.length} flow entries have been deleted.`;
  return { rc: gone.length === 0 ? 1 : 0, out };
}

function ip(host: Host, args: readonly string[]): CommandOutcome {
  const words = args.filter((word) => word !== "-4" && word !== "-6");
  const [object = "", verb = "", ...rest] = words;
  const text = [...(args.includes("-6") ? ["-6"] : []), ...rest].join(" ");
  const routes = "route".startsWith(object) && object !== "" && object.startsWith("ro");
  if (routes || object === "r") {
    if (verb === "add") {
      return routeOutcome(addRoute(host, text));
    }
    if (verb === "replace" || verb === "change") {
      const refusal = routeRefusal(host, text);
      if (refusal !== undefined) return routeOutcome(refusal);
      deleteRoute(host, text, false);
      return routeOutcome(addRoute(host, text));
    }
    if (verb === "del" || verb === "delete") return deleteRoute(host, text, true);
    if (verb === "flush" && rest.join(" ") === "cache") return DONE;
  }
  if (object === "rule" || object === "ru") {
    if (verb === "add") {
      const wrong = addRule(host, text);
      return wrong === undefined ? DONE : failed(wrong);
    }
    if (verb === "del" || verb === "delete") return deleteRule(host, text);
  }
  return failed(`the machine does not know "ip ${args.join(" ")}"`, 127);
}

/** A device that is not there ip(8) finds itself; of the rest it hears from the kernel. */
const routeOutcome = (wrong: string | undefined): CommandOutcome =>
  wrong === undefined ? DONE : failed(wrong, wrong.startsWith("Cannot find device") ? 1 : 2);

function deleteRoute(host: Host, text: string, exact: boolean): CommandOutcome {
  const { words, family: said } = familyOfWords(text);
  const { routes } = parseIpRoute(words, text, { family: said });
  const route = routes[0];
  if (route === undefined) return failed("RTNETLINK answers: No such process");
  const fib = host.network.fibs[route.family];
  const { destination, nexthops, metric, tos } = route;
  const removed = fib.removeRoute(
    route.table ?? "main",
    toWords(destination.address),
    destination.prefixBits,
    (other) => {
      if (metric !== undefined && other.metric !== metric) return false;
      if ((tos ?? 0) !== other.tos) return false;
      if (!exact) return true;
      return nexthops.every(({ via, dev }) =>
        other.nexthops.some(
          (each) =>
            (dev === undefined || each.device === dev) &&
            (via === undefined ||
              (each.gateway !== undefined && fromWords(route.family, each.gateway) === via)),
        ),
      );
    },
  );
  return removed ? DONE : failed("RTNETLINK answers: No such process");
}

function deleteRule(host: Host, text: string): CommandOutcome {
  const { words } = familyOfWords(text);
  const stated = /(?:^|\s)(?:priority|pref|preference|order)\s+(\d+)/.exec(words)?.[1];
  const onlyPriority = /^(?:priority|pref|preference|order)\s+\d+$/.test(words);
  const { line, family } = ruleLine(words === "" || onlyPriority ? `${text} lookup main` : text, 0);
  const { rules } = parseIpRule(`${line}\n`, text, { family });
  const wanted = rules[0];
  if (wanted === undefined) return failed("RTNETLINK answers: No such file or directory");
  const part = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each)) ?? "";
  const removed = host.network.fibs[family].removeRule((rule, priority) => {
    if (stated !== undefined && priority !== Number(stated)) return false;
    if (onlyPriority) return true;
    if (rule === undefined) return false;
    return (
      ["from", "to", "fwmark", "iif", "oif", "tos", "action", "ipProtocol", "sport", "dport"] as const
    ).every((field) => wanted[field] === undefined || part(wanted[field]) === part(rule[field]));
  });
  return removed ? DONE : failed("RTNETLINK answers: No such file or directory");
}

/** `add`, `del`, `flush`, `swap`, `restore`, on the sets that the case began with. */
function ipset(host: Host, args: readonly string[], input: string | undefined): CommandOutcome {
  const exist = args.some((word) => word === "-exist" || word === "-!");
  const [verb = "", name = "", ...rest] = args.filter((word) => word !== "-exist" && word !== "-!");
  const now = (): number => host.now;
  if (verb === "restore" && input !== undefined) {
    for (const line of input.split("\n").filter((each) => each.trim() !== "")) {
      const outcome = ipset(host, [...(exist ? ["-exist"] : []), ...line.trim().split(/\s+/)], undefined);
      if (outcome.rc !== 0) return outcome;
    }
    return DONE;
  }
  if (verb === "list" || verb === "save") {
    const asked = [name, ...rest].find((word) => word !== "" && !word.startsWith("-"));
    if (asked === undefined || host.sets.running(asked, now) !== undefined) return DONE;
  }
  if (verb === "flush" && name === "") {
    host.sets.flush(now);
    return DONE;
  }
  if (verb === "swap") {
    const swapped = host.sets.swap(name, rest[0] ?? "", now);
    return swapped ? DONE : failed("ipset v7.17: The sets cannot be swapped", 1);
  }
  const set = host.sets.running(name, now);
  if (set === undefined) return failed("ipset v7.17: The set with the given name does not exist", 1);
  if (verb === "flush") {
    set.flush();
    return DONE;
  }
  if (verb !== "add" && verb !== "del")
    return failed(`the machine does not know "ipset ${args.join(" ")}"`, 127);
  // A set of sets takes only sets that there are.
  const member = host.sets.running(rest[0] ?? "", now)?.createLine ?? "";
  const lines = [member, set.createLine, `add ${set.name} ${rest.join(" ")}`];
  const listing = parseIpSets(`${lines.join("\n")}\n`, "ipset");
  const element = listing.sets.find((each) => each.name === set.name)?.elements[0];
  if (element === undefined)
    return failed(`ipset v7.17: ${listing.diagnostics[0]?.message ?? "bad element"}`, 1);
  if (verb === "add")
    return set.addElement(element, exist)
      ? DONE
      : failed("ipset v7.17: Element cannot be added to the set: it's already added", 1);
  return set.removeElement(element, exist)
    ? DONE
    : failed("ipset v7.17: Element cannot be deleted from the set: it's not added", 1);
}
