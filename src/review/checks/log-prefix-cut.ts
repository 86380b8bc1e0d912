/** Log prefixes that the kernel cuts off: two that differ only behind the cut cannot be told apart in the log. */
import { byteLength, type Diagnostic } from "../../base/index.ts";
import { cutBytes } from "../../xt/strings.ts";
import { LOG_PREFIX_BYTES, type LogInfo } from "../../xt/targets/log.ts";
import { type Check, finding } from "../check.ts";

export const logPrefixCut: Check = {
  codes: ["log/prefix-cut"],
  title: "log prefixes that are too long",
  run: ({ tables }) => {
    const diagnostics: Diagnostic[] = [];
    for (const table of tables.values()) {
      for (const chain of table.chains.values()) {
        for (const { jump } of chain.rules) {
          if (jump?.kind !== "target" || jump.extension.name !== "LOG") continue;
          const { prefix } = jump.info as LogInfo;
          const bytes = byteLength(prefix);
          if (bytes <= LOG_PREFIX_BYTES) continue;
          diagnostics.push(
            finding({
              code: "log/prefix-cut",
              severity: "warning",
              message: `the prefix "${prefix}" has ${bytes} bytes; the kernel keeps ${LOG_PREFIX_BYTES}, "${cutBytes(prefix, LOG_PREFIX_BYTES)}"`,
              span: { source: chain.span.source, start: jump.start, end: jump.end },
              hint: "shorten it; end it with a blank, since the line goes on with IN=",
            }),
          );
        }
      }
    }
    return diagnostics;
  },
};
