import type { JsonObject } from '../util/json.ts';
import type { GateRecord } from './records.ts';

/** What a deployment writes about itself. It holds no version number: the run log gives versions their numbers. */
export interface ReleaseFile {
  readonly format: 'mlloop-release';
  readonly version: 1;
  /** The line of versions the model belongs to. */
  readonly line: string;
  /** SHA-256 of each file of the model. */
  readonly files: Readonly<Record<string, string>>;
  /** The candidate's numbers on the test set. */
  readonly metrics: JsonObject;
  readonly gates: readonly GateRecord[];
}
