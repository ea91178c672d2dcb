import type { ExitCode } from '../exit-code.ts';

/** How one kind of expected failure is told to people and to the shell. */
export interface FailureDefinition<Fields> {
  /** Exit status when this failure ends the program. */
  readonly exit: ExitCode;
  /** What happened, where, and the value seen. One sentence, first line short. */
  readonly text: (fields: Fields) => string;
  /** True when it may be gone the next time: only then is a stage with `retry` tried again. */
  readonly isTransient?: boolean;
  /** What to do next; a command when there is one. */
  readonly hint?: (fields: Fields) => string;
}

export const defineFailure = <Fields>(definition: FailureDefinition<Fields>): FailureDefinition<Fields> => definition;
