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
    hint: ({ file }) =>
      `Put a copy in its place: a backup, or a state that was exported (npx mlloop state import). Without one, what can still be read of it comes out with: sqlite3 ${file} .recover`,
  }),
  RUNLOG_DAMAGED: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `runs.db is damaged: ${problem}.`,
    hint: () =>
      'Put it back from a copy, or take it out of the way together with artifacts/ to begin anew. npm run mlloop -- doctor looks at the rest.',
  }),
  RUNLOG_NO_RUN: defineFailure<{ readonly run: string; readonly known: string }>({
    exit: EXIT.usage,
    text: ({ run }) => `There is no run ${run} in the log.`,
    hint: ({ known }) => known,
  }),
  RUNLOG_LOG_ELSEWHERE: defineFailure<{ readonly stage: string; readonly origin: string; readonly number: number }>({
    exit: EXIT.usage,
    text: ({ stage, origin, number }) =>
      `${stage} was executed on '${origin}', in run ${origin}:${number}, and what it printed has stayed there: logs do not travel with a state.`,
    hint: ({ stage, origin, number }) =>
      `On '${origin}': npm run mlloop -- logs ${stage} --run ${number}. Here npm run show -- ${origin}:${number} tells what is on record of the run.`,
  }),
  RUNLOG_WHICH_RUN: defineFailure<{ readonly run: string; readonly uids: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ run, uids }) => `${uids.length} runs may be meant by ${run}: ${uids.join(', ')}.`,
    hint: () => 'Name one by its global id, or by a beginning of it that no other has.',
  }),
  STATE_FULL: defineFailure<{ readonly folder: string }>({
    exit: EXIT.stageFailed,
    text: ({ folder }) => `${folder} cannot be written to: no room is left on the device.`,
    hint: () => 'Free some room, with npm run mlloop -- gc or by hand, and run again: nothing that was made is lost.',
  }),
  TEMPORARY_FULL: defineFailure<{ readonly folder: string }>({
    exit: EXIT.stageFailed,
    text: ({ folder }) => `${folder} cannot be written to: no room is left on the device.`,
    hint: () =>
      'SQLite puts there what does not fit into memory. Free some room in it, or name another folder with TMPDIR=DIR, and try again.',
  }),
  STATE_WRITE: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ folder, problem }) => `${folder} cannot be written to: ${problem}.`,
    hint: () => 'Make the folder writable, or name another one with --state DIR.',
  }),
  TARGET_WRITE: defineFailure<{ readonly target: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ target, problem }) => `${target} cannot be written: ${problem}.`,
    hint: () => 'Name another place.',
  }),
  RUNLOG_BUSY: defineFailure<{ readonly folder: string }>({
    exit: EXIT.usage,
    text: ({ folder }) => `Another program has kept the runs.db of ${folder} locked for half a minute.`,
    hint: () =>
      'Nothing was changed. End whatever has it open for writing (a database browser, a copy), and try again.',
  }),
  STATE_NO_LOG: defineFailure<{ readonly folder: string; readonly versions: number; readonly isEmpty: boolean }>({
    exit: EXIT.usage,
    text: ({ folder, versions, isEmpty }) =>
      `${folder} holds what runs have made${versions === 0 ? '' : `, with ${versions} registered model ${versions === 1 ? 'version' : 'versions'}`}, but the runs.db that knows of it is ${isEmpty ? 'an empty file' : 'not beside it'}.`,
    hint: ({ folder }) => `Bring runs.db back, or begin anew by taking ${folder} out of the way.`,
  }),
  LOCK_HELD: defineFailure<{ readonly pid: number; readonly age: string }>({
    exit: EXIT.locked,
    text: ({ pid, age }) =>
      `Another run is at work in this folder${pid === 0 ? '; it has not left its name' : `: pid ${pid}, for ${age}`}.`,
    hint: () =>
      'Wait for it to end (with --wait this is done for you), or give this one a state of its own with --state DIR.',
  }),
  SYSTEM_REFUSED: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `The operating system refused: ${problem}.`,
    hint: () => 'Look at what lies there and whose it is, or name another place, and try again.',
  }),
  INTERNAL: defineFailure<{ readonly message: string; readonly stack: string }>({
    exit: EXIT.internal,
    text: ({ message }) => `This is a bug in mlloop: ${message}`,
    hint: ({ stack }) => stack,
  }),
} as const;
