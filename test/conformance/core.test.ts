/** iptables' own options: addresses, interfaces, protocols, words, abbreviations. */
import { readFileSync } from "node:fs";
import { parseCaseFile } from "../support/case-file.ts";
import { describeCases } from "../support/conformance.ts";

const text = readFileSync("test/conformance/core.t", "utf8");
const [ipv4, ipv6] = text.split("%ipv6\n") as [string, string];
describeCases("iptables' own options", parseCaseFile(ipv4, ["ipv4"]));
describeCases("ip6tables' own options", parseCaseFile(ipv6, ["ipv6"]));
