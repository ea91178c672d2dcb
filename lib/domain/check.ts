/** One thing that was looked at, and what came of it. */
export interface Check {
  readonly name: string;
  /** `warn` is worth knowing; `bad` keeps something from working. */
  readonly status: 'ok' | 'warn' | 'bad';
  /** What was seen. */
  readonly text: string;
  /** What to do; nothing where all is well. */
  readonly next?: string;
}

export const fine = (name: string, text: string): Check => ({ name, status: 'ok', text });

export const warn = (name: string, text: string, next: string): Check => ({ name, status: 'warn', text, next });

export const bad = (name: string, text: string, next: string): Check => ({ name, status: 'bad', text, next });
