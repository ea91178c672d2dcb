import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of the run log and of the folder the state lives in. */
export const runlogFailures = {
  RUNLOG_NEWER: defineFailure<{ readonly file: string; readonly seen: number; readonly known: number }>({
    exit: EXIT.usage,
    text: ({ file, seen, known }) => `${file} has schema version ${seen}; this program knows versions up to ${known}.`,
    hint: () => 'Use the newer mlloop that wrote it, or another folder with --state DIR.',
  }),
  RUNLOG_UNREADABLE: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} cannot be opened: ${problem}.`,
  }),
  RUNLOG_NO_RUN: defineFailure<{ readonly run: string; readonly known: string }>({
    exit: EXIT.usage,
    text: ({ run }) => `There is no run ${run} in the log.`,
    hint: ({ known }) => known,
  }),
  LOCK_HELD: defineFailure<{ readonly pid: number; readonly age: string }>({
    exit: EXIT.locked,
    text: ({ pid, age }) => `Another run is at work in this folder: pid ${pid}, for ${age}.`,
    hint: () => 'Wait for it to end, or give this one a state of its own with --state DIR.',
  }),
  INTERNAL: defineFailure<{ readonly message: string; readonly stack: string }>({
    exit: EXIT.internal,
    text: ({ message }) => `This is a bug in mlloop: ${message}`,
    hint: ({ stack }) => stack,
  }),
} as const;
