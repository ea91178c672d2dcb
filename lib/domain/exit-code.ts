/** What the program's exit status means; README lists the same table. */
export const EXIT = {
  done: 0,
  stageFailed: 1,
  usage: 2,
  refused: 3,
  locked: 4,
  pending: 5,
  timedOut: 6,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** When several things went wrong in one run, the earlier in this list decides. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.internal,
  EXIT.interrupted,
  EXIT.timedOut,
  EXIT.stageFailed,
  EXIT.usage,
  EXIT.refused,
];

export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}
