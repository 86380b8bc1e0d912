/** The file that says which addresses live behind which interface. */
import { z } from "zod";
import type { Family } from "../../../net/index.ts";
import type { Ranges } from "../../../pktset/index.ts";
import { Failure } from "../../failure.ts";
import { readSource } from "../../input.ts";
import { addressRanges } from "./address-ranges.ts";

const SHAPE = z.record(z.string().min(1), z.union([z.string(), z.array(z.string())]));
/** Bytes of an interface's name, the kernel's IFNAMSIZ without the zero; a trailing `+` stands for any rest. */
const MAX_NAME = 15;

/**
 * Reads `{"eth0": ["192.0.2.0/24", "198.51.100.1-198.51.100.9"], "eth1": ["0.0.0.0/0", "!192.0.2.0/24"]}`: entries with `!`
 * are taken away from the others, or from all addresses if there are no others. Entries of the other family are left aside.
 */
export function readInterfaces(path: string, family: Family): ReadonlyMap<string, Ranges> {
  const { text } = readSource(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (reason) {
    throw new Failure(2, `${path} is not JSON: ${reason instanceof Error ? reason.message : reason}`);
  }
  const parsed = SHAPE.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.length ? ` at ${issue.path.join(".")}` : "";
    throw new Failure(
      2,
      `${path}${place}: ${issue?.message}; it must be like {"eth0": ["192.0.2.0/24"], "eth1": ["0.0.0.0/0", "!192.0.2.0/24"]}`,
    );
  }
  const behind = new Map<string, Ranges>();
  for (const [name, entries] of Object.entries(parsed.data)) {
    if (name.length > MAX_NAME || /[\s/]/.test(name))
      throw new Failure(2, `${path}: "${name}" is no interface name`);
    const list = typeof entries === "string" ? [entries] : entries;
    behind.set(
      name,
      addressRanges(list, family, (at, said) => {
        const place = typeof entries === "string" ? name : `${name}[${at}]`;
        return new Failure(2, `${path} at ${place}: ${said}`);
      }),
    );
  }
  if (behind.size === 0) throw new Failure(2, `${path} names no interface`);
  return behind;
}
