/** The outcome of an operation that may fail for a reason its caller is expected to handle. Bugs throw instead. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const err = <E>(failure: E): { readonly ok: false; readonly failure: E } => ({ ok: false, failure });
