import type { RunLog } from '../../runlog/open.ts';
import { chunkChecker } from '../../runlog/staged/check-chunk.ts';
import { stageSetAside } from '../../runlog/staged/set-aside.ts';
import type { Chunk } from '../../runlog/staged/stage.ts';
import { addFirstRows, repeatedRows, rowWriter, type StagedRow } from '../../runlog/staged/staged-rows.ts';
import { carriedTaker } from './carry-answer.ts';
import { type BadRowPolicy, firstProblems, noCounts, type RowCounts, type UnknownPolicy } from './counts.ts';
import { type JudgeOptions, judgeRow, newStory, type Story } from './judge-row.ts';
import type { BadRow, FeedbackRow } from './row.ts';
import { createSeenIds } from './seen-ids.ts';

export interface CheckOptions extends JudgeOptions {
  readonly badRows: BadRowPolicy;
  readonly unknown: UnknownPolicy;
  /** Lines of models there are. */
  readonly lines: readonly string[];
  /** Labels that are checked, and land, together. */
  readonly chunkRows: number;
}

/** What is known of a file when all of its rows have been looked at, and nothing was written. */
export interface CheckedRows {
  readonly counts: RowCounts;
  readonly chunks: readonly Chunk[];
  /** Lines of models the labels speak of. */
  readonly lines: readonly string[];
}

export interface RowChecker {
  take(row: FeedbackRow | BadRow): void;
  /** Looks at what is left, and tells what there is. */
  end(): CheckedRows;
}

/** Characters of a row that are kept in quarantine. */
const TEXT_LENGTH = 500;

/** Takes the rows of a file in their order, and puts on the stage what is to land. Nothing of it is in the log yet. */
export function rowChecker(log: RunLog, options: CheckOptions): RowChecker {
  const { badRows, chunkRows } = options;
  const counts = noCounts();
  const problems = firstProblems();
  const lines = new Set<string>();
  const seen = createSeenIds();
  const checker = chunkChecker(log, options.ownSource, options.lines);
  const staged = rowWriter(log, 'staged_row');
  const repeated = rowWriter(log, 'repeated_row');
  const single = rowWriter(log, 'single_row');
  const isTextKept = badRows === 'quarantine' || options.unknown === 'quarantine';
  const chunks: Chunk[] = [];
  let [seq, from, repeats] = [0, 1, 0];

  const refuse = (row: Pick<StagedRow, 'number' | 'text'>, problem: string, policy = badRows): void => {
    if (policy === 'stop') {
      counts.bad += 1;
      problems.add({ line: row.number, problem });
    } else stageSetAside(log, { line: row.number, reason: problem, text: row.text ?? '' });
  };

  const settle = (story: Story, row: StagedRow): void => {
    const judgement = judgeRow(log, story, row, options);
    // What came before, and is looked at for what it says to the rows behind it.
    if (row.number === 0) return;
    if (typeof judgement !== 'string') return refuse(row, judgement.problem, judgement.policy);
    if (judgement !== 'forgotten' && story.origin !== undefined) lines.add(story.origin.line);
    if (judgement === 'land') single.write(row);
    else counts[judgement] += 1;
  };

  const closeChunk = (): void => {
    if (seq < from) return;
    staged.flush();
    const { chunk, known } = checker.check(from, seq, (row) => settle(newStory(), row));
    counts.known += known;
    chunks.push(chunk);
    from = seq + 1;
  };

  const settleRepeated = (): void => {
    repeated.flush();
    single.flush();
    addFirstRows(log);
    let id = '';
    let story = newStory();
    for (const row of repeatedRows(log)) {
      if (row.id !== id) story = newStory();
      id = row.id;
      settle(story, row);
    }
  };

  const carried = carriedTaker(log, options.shapeOf);

  const take = ({ number, id, label, source, at, prediction, text: whole }: FeedbackRow): void => {
    const text = whole.slice(0, TEXT_LENGTH);
    if (prediction !== undefined) {
      const outcome = carried.take(id, prediction, seq + 1);
      if (typeof outcome === 'string') return refuse({ number, text }, outcome);
      // It needs a place even where no label came with it.
      if (outcome && label === '') seq += 1;
    }
    if (label === '') counts.known += 1;
    else {
      seq += 1;
      const isRepeated = seen.mayHave(id);
      const told = { source: source ?? null, at: at ?? null, text: isTextKept ? text : null };
      const row = { seq, number, id, label, ...told };
      (isRepeated ? repeated : staged).write(row);
      repeats += Number(isRepeated);
    }
    if (seq - from + 1 >= chunkRows) closeChunk();
  };

  return {
    take: (row) => {
      counts.rows += 1;
      if ('problem' in row) refuse({ number: row.number, text: row.text.slice(0, TEXT_LENGTH) }, row.problem);
      else take(row);
    },
    end: () => {
      closeChunk();
      if (repeats > 0) settleRepeated();
      single.flush();
      const told = [...new Set([...lines, ...checker.lines()])].sort();
      return { counts: { ...counts, problems: problems.all() }, chunks, lines: told };
    },
  };
}
