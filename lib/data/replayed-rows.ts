import type { Failure } from '../domain/failure.ts';
import { countUp } from '../util/count-up.ts';
import { ok, type Result } from '../util/result.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { type Dataset, joinDatasets, selectRows } from './dataset.ts';
import { rowsWhere } from './row-ids.ts';
import { type Shift, shiftRows } from './shift.ts';
import { hashUnit } from './split.ts';

/** A world that changes while it is asked about. */
export interface ChangingWorld extends Shift {
  /** Rows the first version of a line sees before the change; later versions live in the changed world. */
  readonly after: number;
}

export interface ReplayRequest {
  readonly rows: number;
  readonly seed: number;
  /** The version that will be asked. */
  readonly version: number;
  /** Without one the rows are replayed as they are. */
  readonly world: ChangingWorld | undefined;
}

/**
 * The rows of the live split that stand in for traffic, drawn by the seed; fewer where it holds fewer. In a world that changes,
 * versions take turns with one half of the split each, so that a follow-up is not asked what it has just been taught.
 */
export function replayedRows(live: Dataset, { rows, seed, version, world }: ReplayRequest): Result<Dataset, Failure> {
  const drawn = (from: Int32Array): Int32Array =>
    createRng(childSeed(seed, 'replay')).shuffle(from).slice(0, rows).sort();
  if (world === undefined) return ok(selectRows(live, drawn(countUp(live.rows))));
  const half = childSeed(seed, 'replay/half');
  const isTurn = (row: number): boolean => hashUnit(half, live.ids[row] as number) < 0.5 === (version % 2 === 1);
  const asked = drawn(rowsWhere(live.rows, isTurn));
  const before = version === 1 ? Math.min(world.after, asked.length) : 0;
  const shifted = shiftRows(selectRows(live, asked.slice(before)), world, seed);
  if (!shifted.ok || before === 0) return shifted;
  return ok(joinDatasets(selectRows(live, asked.slice(0, before)), shifted.value));
}
