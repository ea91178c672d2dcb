import type { AnsweredRequest } from '../prediction-log.ts';
import { type AnswerChunk, addRow, capacityOf, isFull, makeChunk, rowsIn, trimmed } from './answer-chunks.ts';

/** Answers that wait to be put on record, oldest first. */
export interface WaitingAnswers {
  add(answered: AnsweredRequest): void;
  /** Hands over what waits, whole chunks of at most so many rows. */
  take(): readonly AnswerChunk[];
  /** What could not be written waits again, before what has come since. */
  putBack(chunks: readonly AnswerChunk[]): void;
  /** Of chunks that were taken nothing is needed any more; their memory is used again. */
  done(chunks: readonly AnswerChunk[]): void;
  /** Gives the oldest up until no more than this is left, and returns how many. */
  giveUp(keep: { readonly rows: number; readonly bytes: number }): number;
  rows(): number;
  /** Of their inputs. */
  bytes(): number;
}

export interface WaitingOptions {
  readonly keepsInputs: boolean;
  /** Most rows that are taken at once. */
  readonly groupRows: number;
}

/** Chunks without rows that are kept for the next ones: as many as are filled while a group is written. */
const SPARE_CHUNKS = 32;

export function waitingAnswers({ keepsInputs, groupRows }: WaitingOptions): WaitingAnswers {
  let chunks: AnswerChunk[] = [];
  let spare: AnswerChunk[] = [];
  /** Chunks that rows are added to: few, one for every version that answers. */
  let open: AnswerChunk[] = [];
  let rows = 0;
  let bytes = 0;

  const openFor = ({ line, version }: AnsweredRequest, width: number, classes: number): AnswerChunk => {
    const isAlike = (one: AnswerChunk): boolean =>
      one.version === version && one.width === width && one.classes === classes && one.line === line;
    const found = open.find(isAlike);
    if (found !== undefined && !isFull(found)) return found;
    const unused = spare.findIndex(isAlike);
    const [next = makeChunk({ line, version, width, classes }, capacityOf({ width, classes }, groupRows))] =
      unused < 0 ? [] : spare.splice(unused, 1);
    open = [...open.filter((one) => one !== found), next];
    chunks.push(next);
    return next;
  };

  const addOne = (answered: AnsweredRequest, row: number, classes: number): void => {
    const width = keepsInputs ? answered.inputs.length / answered.rows : 0;
    if (width > 0 && addRow(openFor(answered, width, classes), answered, row)) bytes += width;
    else addRow(openFor(answered, 0, classes), answered, row);
    rows += 1;
  };

  return {
    add: (answered) => {
      const classes = answered.probabilities.length / answered.rows;
      for (let row = 0; row < answered.rows; row++) addOne(answered, row, classes);
    },
    take: () => {
      let end = 0;
      let taken = 0;
      for (const chunk of chunks) {
        if (end > 0 && taken + rowsIn(chunk) > groupRows) break;
        taken += rowsIn(chunk);
        end += 1;
      }
      const group = chunks.slice(0, end);
      chunks = chunks.slice(end);
      open = open.filter((one) => !group.includes(one));
      rows -= taken;
      for (const chunk of group) bytes -= rowsIn(chunk) * chunk.width;
      return group.filter((chunk) => rowsIn(chunk) > 0);
    },
    putBack: (group) => {
      for (const chunk of group) {
        rows += rowsIn(chunk);
        bytes += rowsIn(chunk) * chunk.width;
      }
      // Where nothing can be written for long, many chunks with few rows would be put back.
      chunks = [...group.map(trimmed), ...chunks];
    },
    done: (group) => {
      for (const chunk of group) {
        chunk.ids.length = 0;
        chunk.lost = 0;
      }
      const whole = group.filter((one) => one.capacity === capacityOf(one, groupRows));
      spare = [...whole, ...spare].slice(0, SPARE_CHUNKS);
    },
    giveUp: (keep) => {
      let gone = 0;
      let first = 0;
      while (first < chunks.length && (rows > keep.rows || bytes > keep.bytes)) {
        const chunk = chunks[first] as AnswerChunk;
        if (rowsIn(chunk) === 0) {
          first += 1;
          continue;
        }
        chunk.lost += 1;
        gone += 1;
        rows -= 1;
        bytes -= chunk.width;
      }
      const emptied = chunks.slice(0, first);
      chunks = chunks.slice(first);
      open = open.filter((one) => !emptied.includes(one));
      return gone;
    },
    rows: () => rows,
    bytes: () => bytes,
  };
}
