import type { Result } from '../util/result.ts';
import { type Failure, failureText, isFailure } from './failure.ts';

/**
 * Carries an expected failure out of a stage. Only stages (and tests) throw it: the stage's host turns it back
 * into the failure it holds, and everything else that is thrown is a bug.
 */
export class RaisedFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failureText(failure));
    this.name = 'RaisedFailure';
    this.failure = failure;
  }
}

/**
 * The failure that something thrown carries; undefined for a bug. Told by its shape, because a stage's bundle has a class of
 * its own, which `instanceof` would not know.
 */
export function raisedFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('failure' in error)) return undefined;
  return isFailure(error.failure) ? error.failure : undefined;
}

/** The value, or the end of the stage. */
export function orRaise<T>(result: Result<T, Failure>): T {
  if (result.ok) return result.value;
  throw new RaisedFailure(result.failure);
}
