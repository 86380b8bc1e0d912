/**
 * IPv6 hosts that take packets in and cannot be found: neighbour solicitation and advertisement come through INPUT,
 * where IPv4's ARP passes by the tables. Source: RFC 4890, section 4.4.1; that conntrack calls them UNTRACKED:
 * net/netfilter/nf_conntrack_proto_icmpv6.c, nf_conntrack_icmpv6_error().
 */
import { isOpaque, type Rule } from "../../ruleset/index.ts";
import { CT_STATE } from "../../xt/ct-states.ts";
import type { Icmp6Info } from "../../xt/matches/icmp6.ts";
import { admittingRules, hasOpaque, isLoopbackOnly } from "../admits.ts";
import { type Check, finding } from "../check.ts";
import { statesOf } from "../matches.ts";

const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Links with one host at the other end, which needs no finding. */
const POINT_TO_POINT = /^(tun|ppp|wg|sit|gre|ip6|he-|ipsec|vti|xfrm)/;

export const pathNoNeighbours: Check = {
  codes: ["path/no-neighbours"],
  title: "an IPv6 INPUT that accepts, and drops neighbour discovery",
  run: ({ family }, { views }) => {
    const view = views.get("filter");
    const input = view?.table.chains.get("INPUT");
    if (family !== "ipv6" || view === undefined || input?.policy !== "DROP") return [];
    const admitting = [...admittingRules(view, "INPUT")].filter((rule) => !isLoopbackOnly(rule));
    const accepted = admitting.find(({ header }) => !POINT_TO_POINT.test(header.inInterface?.name ?? ""));
    // A host that takes in nothing need not be found.
    if (accepted === undefined || admitting.some(mayAdmitNeighbours)) return [];
    return [
      finding({
        code: "path/no-neighbours",
        severity: "warning",
        message:
          "INPUT drops neighbour discovery by policy: hosts of the same link find no way to this one, nor it to them, and what INPUT accepts does not arrive",
        span: input.span,
        hint: "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT, likewise 136, and 133 and 134 for routers",
        notes: [{ message: "a rule of INPUT that accepts", span: accepted.span }],
      }),
    ];
  },
};

/** Cautious: a rule may admit them unless a test that is understood keeps both out. */
function mayAdmitNeighbours(rule: Rule): boolean {
  if (hasOpaque(rule)) return true;
  const { protocol } = rule.header;
  if (protocol !== undefined && (protocol.number === ICMPV6) === protocol.invert) return false;
  return rule.matches.every((use) => {
    const states = statesOf(use);
    if (states !== undefined) return (states & (CT_STATE.UNTRACKED | CT_STATE.INVALID)) !== 0;
    if (isOpaque(use) || use.extension.name !== "icmp6") return true;
    const { value, invert } = use.info as Icmp6Info;
    return [SOLICITATION, ADVERTISEMENT].some((wanted) => (value.type === wanted) !== invert);
  });
}
