/** What a target does to every packet that comes to it, as data: `symbolic` of every target answers with one. */
import type { FieldName, FieldValue } from "./fields.ts";
import type { Ranges } from "./ranges.ts";

/** How one field changes. */
export type FieldWrite =
  /** field = (field & ~clear) ^ flip: what MARK, CONNMARK, TOS and their kin do. */
  | { readonly kind: "bits"; readonly field: FieldName; readonly clear: number; readonly flip: number }
  /** field = (field & ~clear) ^ (other & mask): `--restore-mark`, `--save-mark`; of a packet without connection nothing changes. */
  | {
      readonly kind: "copy";
      readonly field: FieldName;
      readonly from: FieldName;
      readonly mask: number;
      readonly clear: number;
    }
  /** The new value is one of these, which one is not known; without `ranges` it may be any. */
  | { readonly kind: "some"; readonly field: FieldName; readonly ranges?: Ranges; readonly reason: string };

/** What NAT makes of a new connection; parts that are undefined stay as they are. */
export interface Translation {
  readonly manip: "src" | "dst";
  /** New addresses, lowest and highest; the kernel chooses. `prefix`: bits under `mask` are replaced, the others stay (NETMAP). */
  readonly addresses:
    | { readonly kind: "range"; readonly low: FieldValue; readonly high: FieldValue }
    | { readonly kind: "prefix"; readonly value: FieldValue; readonly mask: FieldValue }
    /** The address of the interface that the packet came in (REDIRECT) or leaves by (MASQUERADE). */
    | { readonly kind: "interface" }
    | undefined;
  readonly ports: { readonly low: number; readonly high: number } | undefined;
}

export type Effect =
  /** `reject` is a drop that tells the sender; `stolen` takes the packet out of the path. */
  | { readonly kind: "continue" | "accept" | "drop" | "reject" | "return" | "stolen" }
  /** Fields change, and the next rule sees them so. */
  | { readonly kind: "write"; readonly writes: readonly FieldWrite[] }
  /** A new connection is translated, which ends the nat table. */
  | { readonly kind: "translate"; readonly translation: Translation }
  /** Nobody knows where the packet goes from here. */
  | { readonly kind: "unknown"; readonly reason: string };
