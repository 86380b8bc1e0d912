/** A mistake of ours, never of the user's. Thrown, and caught only at the edge of the process. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** The end of a `switch` over a closed set: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}
