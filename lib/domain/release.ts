import type { JsonObject } from '../util/json.ts';

/**
 * What a deployment writes about the model it was given, whatever became of it: version numbers, verdicts and the time of an
 * answer are in the run log.
 */
export interface ReleaseFile {
  readonly format: 'mlloop-release';
  readonly version: 1;
  /** The line of versions the model belongs to. */
  readonly line: string;
  /** SHA-256 of each file of the model. */
  readonly files: Readonly<Record<string, string>>;
  /** The candidate's numbers on the test set. */
  readonly metrics: JsonObject;
}
