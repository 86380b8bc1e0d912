/** The rule that a line's options amount to: its own tests, and one rule for each pair of addresses. */
import type { Address, Family, MaskedAddress } from "../net/index.ts";
import type {
  AddressTest,
  Counters,
  HeaderMatch,
  InterfaceTest,
  Jump,
  MatchUse,
  OpaqueUse,
  Rule,
} from "../ruleset/index.ts";
import { type ProtocolTest, Refusal } from "../xt/index.ts";
import { parseAddresses, parseInterface, parseProtocol } from "./header.ts";
import type { LineFindings, Place } from "./line-findings.ts";

/** Operands of `-s` or `-d`: a list only where one was written. */
type AddressOperand = MaskedAddress | MaskedAddress[] | undefined;

/** One object for each protocol serves all rules. */
const PROTOCOLS: readonly ProtocolTest[] = Array.from({ length: 256 }, (_, number) => ({
  number,
  invert: false,
}));
const NEGATED_PROTOCOLS: readonly ProtocolTest[] = PROTOCOLS.map(({ number }) => ({ number, invert: true }));

/** What a rule has beside its own tests. */
interface RuleBody {
  readonly matches: readonly (MatchUse | OpaqueUse)[];
  readonly jump: Jump | undefined;
  readonly counters: Counters | undefined;
}

export class RuleAssembly {
  readonly #source: string;
  readonly #family: Family;
  readonly #findings: LineFindings;
  #from: AddressOperand;
  #to: AddressOperand;
  #invertSource = false;
  #invertDestination = false;
  #inInterface: InterfaceTest | undefined;
  #outInterface: InterfaceTest | undefined;
  #protocol: ProtocolTest | undefined;
  #protocolName: string | undefined;
  #fragment: { readonly invert: boolean } | undefined;
  /** Wrong operands of `-s` and `-d`, which are nothing wrong if `-4` or `-6` then sends the line elsewhere. */
  readonly #wrongAddresses: { readonly refusal: Refusal; readonly place: Place }[] = [];

  constructor(source: string, family: Family, findings: LineFindings) {
    this.#source = source;
    this.#family = family;
    this.#findings = findings;
  }

  reset(): void {
    this.#from = undefined;
    this.#to = undefined;
    this.#invertSource = false;
    this.#invertDestination = false;
    this.#inInterface = undefined;
    this.#outInterface = undefined;
    this.#protocol = undefined;
    this.#protocolName = undefined;
    this.#fragment = undefined;
    this.#wrongAddresses.length = 0;
  }

  get protocol(): ProtocolTest | undefined {
    return this.#protocol;
  }

  /** The operand of `-p` in lower case, by which iptables looks for the protocol's match. */
  get protocolName(): string | undefined {
    return this.#protocolName;
  }

  /** How many addresses `-s` lists; 1 without a list. */
  get sourceCount(): number {
    return Array.isArray(this.#from) ? this.#from.length : 1;
  }

  source(text: string, invert: boolean, place: Place): void {
    this.#invertSource = invert;
    this.#from = this.#addresses(text, place);
  }

  destination(text: string, invert: boolean, place: Place): void {
    this.#invertDestination = invert;
    this.#to = this.#addresses(text, place);
  }

  /** iptables reads addresses after all options of the line; to be called then. */
  reportAddresses(): void {
    for (const { refusal, place } of this.#wrongAddresses) this.#findings.refused(refusal, place, "");
  }

  inInterface(text: string, invert: boolean, place: Place): void {
    const name = this.#value(parseInterface(text), place);
    if (name !== undefined) this.#inInterface = { name, invert };
  }

  outInterface(text: string, invert: boolean, place: Place): void {
    const name = this.#value(parseInterface(text), place);
    if (name !== undefined) this.#outInterface = { name, invert };
  }

  protocolTest(text: string, invert: boolean, place: Place): void {
    const number = this.#value(parseProtocol(text), place);
    if (number === undefined) return;
    if (number === 0 && invert) {
      this.#findings.error(
        "syntax/never-matches",
        `"! -p ${text}" can match no packet`,
        "name the protocol to exclude",
        place,
      );
      return;
    }
    this.#protocol = (invert ? NEGATED_PROTOCOLS : PROTOCOLS)[number];
    this.#protocolName = text.toLowerCase();
  }

  fragment(invert: boolean): void {
    this.#fragment = { invert };
  }

  /** One rule, or one for each pair of listed addresses, sources outermost; undefined if the line is wrong. */
  rules(chain: string, body: RuleBody): readonly Rule[] | undefined {
    const from = this.#from;
    const to = this.#to;
    const findings = this.#findings;
    this.#checkInterfaces(chain);
    if ((Array.isArray(from) || Array.isArray(to)) && (this.#invertSource || this.#invertDestination)) {
      findings.error(
        "syntax/negated-list",
        "! cannot stand before a list of addresses",
        "write a rule for each address, or use an ipset",
        findings.line(),
      );
    }
    if (this.#invertSource) this.#mustMatch("-s", from);
    if (this.#invertDestination) this.#mustMatch("-d", to);
    if (findings.failed) return undefined;
    const { start, end } = findings.line();
    const span = { source: this.#source, start, end };
    if (!Array.isArray(from) && !Array.isArray(to)) return [this.#rule(from, to, body, span)];
    const sources = Array.isArray(from) ? from : [from];
    const destinations = Array.isArray(to) ? to : [to];
    return sources.flatMap((source) =>
      destinations.map((destination) => this.#rule(source, destination, body, span)),
    );
  }

  #rule(
    source: MaskedAddress | undefined,
    destination: MaskedAddress | undefined,
    body: RuleBody,
    span: Rule["span"],
  ): Rule {
    const protocol = this.#protocol;
    const header: HeaderMatch = {
      source: source === undefined ? undefined : addressTest(source, this.#invertSource),
      destination: destination === undefined ? undefined : addressTest(destination, this.#invertDestination),
      inInterface: this.#inInterface,
      outInterface: this.#outInterface,
      protocol: protocol === undefined || protocol.number === 0 ? undefined : protocol,
      fragment: this.#fragment,
    };
    return { header, matches: body.matches, jump: body.jump, counters: body.counters, span };
  }

  /** iptables refuses an interface only by the name of the built-in chain that the rule is written into. */
  #checkInterfaces(chain: string): void {
    const findings = this.#findings;
    if ((chain === "PREROUTING" || chain === "INPUT") && this.#outInterface !== undefined) {
      const message = `-o has no meaning in ${chain}: the way out is not chosen yet`;
      findings.error(
        "syntax/interface-not-here",
        message,
        "test -o in FORWARD, OUTPUT or POSTROUTING",
        findings.line(),
      );
    }
    if ((chain === "POSTROUTING" || chain === "OUTPUT") && this.#inInterface !== undefined) {
      const message = `-i has no meaning in ${chain}: the packet did not come in, or that is forgotten`;
      findings.error(
        "syntax/interface-not-here",
        message,
        "test -i in PREROUTING, INPUT or FORWARD",
        findings.line(),
      );
    }
  }

  /** A negated test of no bits holds for no packet; the kernel refuses it. */
  #mustMatch(option: string, operand: AddressOperand): void {
    if (operand === undefined || Array.isArray(operand) || !isAnyMask(operand.mask)) return;
    const message = `"! ${option}" with a mask of zero bits can match no packet`;
    this.#findings.error(
      "syntax/never-matches",
      message,
      "name the addresses to exclude",
      this.#findings.line(),
    );
  }

  #addresses(text: string, place: Place): AddressOperand {
    const addresses = parseAddresses(text, this.#family);
    if (!(addresses instanceof Refusal)) return addresses;
    this.#wrongAddresses.push({ refusal: addresses, place });
    return undefined;
  }

  #value<T>(value: T | Refusal, place: Place): T | undefined {
    if (!(value instanceof Refusal)) return value;
    this.#findings.refused(value, place, "");
    return undefined;
  }
}

function isAnyMask(mask: Address): boolean {
  return mask === 0 || mask === 0n;
}

function addressTest({ address, mask }: MaskedAddress, invert: boolean): AddressTest | undefined {
  return isAnyMask(mask) && !invert ? undefined : { address, mask, invert };
}
