/** A request that is not answered, as its client is told: the status, and the body `{"error": …}`. */
export interface Fault {
  readonly status: 400 | 404 | 405 | 413 | 415 | 500 | 503 | 504;
  readonly error: string;
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number;
  /** True where it was refused only because there is too much to do. */
  readonly isShed?: true;
}

export const badRequest = (error: string): Fault => ({ status: 400, error });
