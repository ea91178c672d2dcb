import type { Clock } from '../util/clock.ts';

/** The program's surroundings, handed to every verb. */
export interface Io {
  /** Results, for people or programs. */
  readonly stdout: (text: string) => void;
  /** Everything else, for people. */
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** What to do at a second Ctrl-C, before the program ends at once. */
  readonly onAtOnce: (act: () => void) => void;
  /** True when a person watches stderr in a terminal that can be redrawn. */
  readonly isLive: boolean;
  /** Characters of a line of that terminal. */
  readonly columns: number;
  /** The same of stdout; undefined where it is none, and lines may be as long as they like. */
  readonly room: number | undefined;
}

/** Where mlloop itself lies. */
export interface Installation {
  /** The folder of mlloop's own package. */
  readonly home: string;
  /** The folder of its built entries. */
  readonly built: string;
}

/** The options every verb takes. */
export interface CommonOptions {
  /** The folder of pipeline.yaml; the current one by default. */
  readonly root?: string;
  /** The folder of runs.db and artifacts/; the root by default. */
  readonly state?: string;
}
