/**
 * Why a value, an extension or a rule is not accepted. A value, returned and never thrown; whoever knows the place
 * in the text turns it into a Diagnostic.
 */
export class Refusal {
  /** Stable and documented: "xt/too-many-ports". */
  readonly code: `xt/${string}`;
  /** What is wrong, quoting the text. */
  readonly message: string;
  /** What to type instead. */
  readonly hint: string | undefined;
  /** The option it is about, as in the extension's table, if it is about one. */
  readonly option: string | undefined;

  constructor(code: `xt/${string}`, message: string, hint?: string, option?: string) {
    this.code = code;
    this.message = message;
    this.hint = hint;
    this.option = option;
  }
}

export function refuse(code: `xt/${string}`, message: string, hint?: string): Refusal {
  return new Refusal(code, message, hint);
}

/** As `refuse`, and the diagnostic points at the operand of `option`. */
export function refuseOption(code: `xt/${string}`, option: string, message: string, hint?: string): Refusal {
  return new Refusal(code, message, hint, option);
}
