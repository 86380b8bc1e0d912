/**
 * The `policy` match: the IPsec policy by which a packet came in, or that it will go out by.
 *
 *     --dir in|out
 *     --pol none|ipsec
 *     --strict
 *     [!] --reqid id
 *     [!] --spi spi
 *     [!] --proto ah|esp|ipcomp
 *     [!] --mode tunnel|transport
 *     [!] --tunnel-src address[/mask]
 *     [!] --tunnel-dst address[/mask]
 *     --next
 *
 * The options from `--reqid` on describe one transformation (an element); `--next` begins the description of another.
 * With `--strict` all transformations must fit, one element each; else one that fits the only element is enough.
 * Without `--pol` ipsec is meant. iptables drops elements under `--pol none` without a word; Postern refuses them.
 * The kernel compares the SPI without regard to byte order: on a little-endian host 0x01000000 means SPI 1.
 * Kernel: net/netfilter/xt_policy.c, policy_mt() and policy_mt_check(), revision 0.
 */

import { type MaskedAddress, protocolName } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import {
  collected,
  defineMatch,
  flag,
  type Given,
  type Hook,
  type Occurrence,
  optional,
  required,
} from "../contract.ts";
import { keyword } from "../keywords.ts";
import { uint32 } from "../numbers.ts";
import { parseProtocolOperand } from "../protocols.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";
import { printResolvedHost, resolvedHostWithMask } from "../resolved-hosts.ts";

/** What one transformation must be like, by option. */
export type PolicyElement = {
  readonly [Name in (typeof ELEMENT)[number]]?: Occurrence<number | string | MaskedAddress>;
};

export interface PolicyInfo {
  readonly direction: "in" | "out";
  readonly strict: boolean;
  /** undefined: there must be no policy. */
  readonly elements: readonly PolicyElement[] | undefined;
}

/** In the order of printing. */
const ELEMENT = ["--reqid", "--spi", "--proto", "--mode", "--tunnel-dst", "--tunnel-src"] as const;
/** XT_POLICY_MAX_ELEM. */
const MAX_ELEMENTS = 4;
/** AH, ESP, IPComp. */
const PROTOCOLS: readonly number[] = [51, 50, 108];

function parseProtocol(text: string): number | Refusal {
  const number = parseProtocolOperand(text);
  if (typeof number === "number" && PROTOCOLS.includes(number)) return number;
  return refuse("xt/unknown-keyword", `"${text}" is not a protocol of IPsec`, "write ah, esp or ipcomp");
}

const options = {
  "--dir": required(keyword(["in", "out"]), { operand: "in|out" }),
  "--pol": optional(keyword(["none", "ipsec"]), { operand: "none|ipsec" }),
  "--strict": flag(),
  "--reqid": collected(uint32, { invertible: true, operand: "id" }),
  "--spi": collected(uint32, { invertible: true, operand: "spi" }),
  "--proto": collected(parseProtocol, { invertible: true, operand: "ah|esp|ipcomp" }),
  "--mode": collected(keyword(["transport", "tunnel"]), { invertible: true, operand: "tunnel|transport" }),
  "--tunnel-src": collected(resolvedHostWithMask, { invertible: true, operand: "address[/mask]" }),
  "--tunnel-dst": collected(resolvedHostWithMask, { invertible: true, operand: "address[/mask]" }),
  "--next": { ...flag({ requires: ["--strict"] }), many: true, repetition: "collect" },
} as const;

/** Sorts the uses of all options into elements by the `--next` that stand before them. */
function elementsOf(given: Given<typeof options>): readonly PolicyElement[] | Refusal {
  const borders = (given["--next"] ?? []).map(({ start = 0 }) => start);
  if (borders.length >= MAX_ELEMENTS)
    return refuseOption(
      "xt/too-many-values",
      "--next",
      `the policy has ${borders.length + 1} elements, at most ${MAX_ELEMENTS} fit`,
      "shorten it",
    );
  const elements: { -readonly [Name in keyof PolicyElement]: PolicyElement[Name] }[] = [
    {},
    ...borders.map(() => ({})),
  ];
  for (const option of ELEMENT) {
    for (const use of given[option] ?? []) {
      const { start = 0 } = use;
      const element = elements[
        borders.filter((border) => border < start).length
      ] as (typeof elements)[number];
      if (element[option] !== undefined)
        return refuseOption(
          "xt/repeated-value",
          option,
          `"${option}" stands twice in one element`,
          "write --next between the elements, or remove one",
        );
      element[option] = use;
    }
  }
  return elements;
}

function elementRefusal(element: PolicyElement, strict: boolean): Refusal | undefined {
  if (strict && Object.keys(element).length === 0)
    return refuse(
      "xt/missing-option",
      "an element of the policy is empty, which --strict does not allow",
      "add --reqid, --spi, --proto, --mode, --tunnel-src or --tunnel-dst",
    );
  const mode = element["--mode"];
  const tunnel = mode !== undefined && (mode.value === "tunnel") !== mode.invert;
  const address = element["--tunnel-src"] !== undefined ? "--tunnel-src" : "--tunnel-dst";
  if (element[address] === undefined || tunnel) return undefined;
  return refuseOption(
    "xt/missing-option",
    address,
    `"${address}" works only with "--mode tunnel"`,
    "add --mode tunnel",
  );
}

function printOperand(option: (typeof ELEMENT)[number], value: number | string | MaskedAddress): string {
  if (typeof value === "object") return printResolvedHost(value);
  if (typeof value === "string" || option === "--reqid") return `${value}`;
  return option === "--spi" ? `0x${value.toString(16)}` : (protocolName(value) as string);
}

function printElement(element: PolicyElement): string {
  let text = "";
  for (const option of ELEMENT) {
    const use = element[option];
    if (use !== undefined) text += `${use.invert ? " !" : ""} ${option} ${printOperand(option, use.value)}`;
  }
  return text;
}

/** Hooks in which a policy of the direction is not known. */
const WITHOUT_POLICY: Readonly<Record<"in" | "out", readonly Hook[]>> = {
  in: ["OUTPUT", "POSTROUTING"],
  out: ["PREROUTING", "INPUT"],
};

export const policy = defineMatch({
  name: "policy",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the IPsec policy by which a packet came in or will go out",
  options,

  build: (given): PolicyInfo | Refusal => {
    const direction = given["--dir"].value;
    const strict = given["--strict"] !== undefined;
    const elements = elementsOf(given);
    if (!Array.isArray(elements)) return elements as Refusal;
    if (given["--pol"]?.value === "none") {
      const pointless = strict ? "--strict" : ELEMENT.find((option) => given[option] !== undefined);
      if (pointless !== undefined)
        return refuseOption(
          "xt/conflicting-options",
          pointless,
          `"${pointless}" has no meaning under "--pol none"`,
          `remove it, or write --pol ipsec`,
        );
      return { direction, strict, elements: undefined };
    }
    for (const element of elements as readonly PolicyElement[]) {
      const refusal = elementRefusal(element, strict);
      if (refusal !== undefined) return refusal;
    }
    return { direction, strict, elements };
  },

  print: ({ direction, strict, elements }) =>
    `--dir ${direction} --pol ${elements === undefined ? "none" : "ipsec"}${strict ? " --strict" : ""}${(elements ?? []).map(printElement).join(" --next")}`,

  check: ({ direction }, { hooks }) => {
    const wrong = hooks.find((hook) => WITHOUT_POLICY[direction].includes(hook));
    return wrong === undefined
      ? undefined
      : refuse(
          "xt/wrong-hook",
          `"--dir ${direction}" has no policy to look at in ${wrong}, and this rule is reached from there`,
          `write --dir ${direction === "in" ? "out" : "in"}, or move the rule`,
        );
  },

  evaluate:
    ({ elements }) =>
    () =>
      elements === undefined,

  symbolic: () => unknown("policy: whether IPsec handles the packet"),
});
