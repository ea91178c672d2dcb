import type { Failure } from '../domain/failure.ts';
import type { Result } from '../util/result.ts';

/** A version somebody wants to be answered by. */
export interface WantedVersion {
  readonly line: string;
  readonly version: number;
  /** Content hash its model was registered with; undefined where it is not registered, and may be whatever it is. */
  readonly hash: string | undefined;
  /** Absolute path of its folder. */
  readonly folder: string;
}

/** Where the server learns which version of each line it has to serve. */
export interface VersionFeed {
  /** Changes whenever `wanted` may answer otherwise. Asked several times a second, so it has to be cheap. */
  mark(): string | number;
  /** The version of each line, the line that answers where none is named first; a failure leaves all as it is. */
  wanted(): Result<readonly WantedVersion[], Failure>;
}
