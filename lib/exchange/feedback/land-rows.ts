import { isForgotten } from '../../runlog/forget.ts';
import { insertOlder, isYounger, lastWord } from '../../runlog/label-words.ts';
import type { RunLog } from '../../runlog/open.ts';
import { findPrediction } from '../../runlog/predictions.ts';
import { quarantine } from '../../runlog/quarantine.ts';
import { chunkLander, insertNumbered, lastNumber } from '../../runlog/staged/land-chunk.ts';
import { countSetAside, landSetAside } from '../../runlog/staged/set-aside.ts';
import type { Chunk } from '../../runlog/staged/stage.ts';
import { type StagedRow, singleRows } from '../../runlog/staged/staged-rows.ts';
import { insertUnmatched, isWaiting } from '../../runlog/unmatched-labels.ts';
import { landCarried } from './carry-answer.ts';
import type { CountsSoFar } from './counts.ts';
import { classOf, type JudgeOptions } from './judge-row.ts';

export interface LandOptions extends JudgeOptions {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Whose word the labels are where the file does not say. */
  readonly source: string;
  readonly chunkRows: number;
  /** Of the log before the first row was checked. */
  readonly mark: string;
}

type Landed = 'added' | 'known' | 'forgotten' | 'waiting' | { readonly problem: string };

/** Puts on record what has been checked, a chunk in a transaction, and counts it: what is to be done one after the other. */
export function landingSteps(
  log: RunLog,
  { chunks, counts }: { readonly chunks: readonly Chunk[]; readonly counts: CountsSoFar },
  options: LandOptions,
): readonly (() => void)[] {
  const { digest, source, at, ownSource, shapeOf, chunkRows, mark } = options;
  const kept = { file: digest, source, at };
  const bulk = chunkLander(log, mark, { source: ownSource, at });

  const nameOf = (id: string, label: number): string => {
    const origin = findPrediction(log, id);
    return origin === undefined ? '' : (shapeOf(origin.line, origin.version).classes[label] ?? '');
  };

  const landOne = (row: StagedRow, base: number): void => {
    const landed = landRow(log, row, { base, options });
    if (typeof landed === 'string') counts[landed] += 1;
    else {
      // The prediction came while the file was read, and its model has no such class.
      quarantine(log, { ...kept, line: row.number, reason: landed.problem, text: row.text ?? '' });
      counts.quarantined += 1;
    }
  };

  const land = (chunk: Chunk): void => {
    counts.predictions += landCarried(log, chunk, shapeOf);
    const base = lastNumber(log) - chunk.from + 1;
    const { added, left } = bulk.land(chunk, base);
    counts.added += added;
    for (const row of left) landOne({ ...row, label: nameOf(row.id, row.label), number: 0, text: null }, base);
    for (const row of singleRows(log, chunk)) landOne(row, base);
    bulk.settled();
  };

  const landings = chunks.map((chunk) => () => land(chunk));
  const setAside = countSetAside(log);
  const keepings = Array.from({ length: Math.ceil(setAside / chunkRows) }, (_, part) => () => {
    landSetAside(log, { from: part * chunkRows + 1, to: (part + 1) * chunkRows }, kept);
  });
  counts.quarantined += setAside;
  return [...landings, ...keepings].map((step) => () => log.atomically(step));
}

/** Puts a label on record as what it means by now: others may have written since it was checked. */
function landRow(
  log: RunLog,
  row: StagedRow,
  { base, options }: { readonly base: number; readonly options: LandOptions },
): Landed {
  const { id: prediction, label } = row;
  const said = { prediction, source: row.source ?? options.ownSource, at: row.at ?? options.at };
  const origin = findPrediction(log, prediction);
  if (origin === undefined) {
    if (isForgotten(log, prediction)) return 'forgotten';
    if (isWaiting(log, { ...said, label })) return 'known';
    insertUnmatched(log, { ...said, label });
    return 'waiting';
  }
  const number = classOf(origin, label, options);
  if (typeof number === 'string') return { problem: number };
  const given = { ...said, label: number };
  const last = lastWord(log, prediction);
  if (row.at === null && last?.label === number) return 'known';
  if (row.at !== null && last !== undefined && !isYounger(given, last))
    return insertOlder(log, given) ? 'added' : 'known';
  insertNumbered(log, base + row.seq, given);
  return 'added';
}
