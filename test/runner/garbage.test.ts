import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStore } from '../../lib/cache/store.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { freeableBytes, keptRuns } from '../../lib/runlog/keep.ts';
import { openRunLog } from '../../lib/runlog/open.ts';
import { findGarbage, removeGarbage, temporaries } from '../../lib/runner/garbage.ts';
import { stateFolder } from '../../lib/runner/state.ts';
import type { Sha256 } from '../../lib/util/hash.ts';
import { type HistoryRun, recordHistory, type Told } from './history.ts';

const DAY_MS = 86_400_000;
const NOW = 1000 * DAY_MS;
const STAGES = ['make', 'use', 'show'];

const happening = fc.record({
  stage: fc.constantFrom(...STAGES),
  how: fc.constantFrom('ran', 'ran', 'fresh', 'cached', 'failed', 'skipped', 'skipped'),
  pick: fc.nat({ max: 9 }),
  register: fc.nat({ max: 2 }).map((draw) => draw === 0),
});

/** Runs that follow each other, up to ten days apart; now and then the clock was set back. */
const history: fc.Arbitrary<HistoryRun[]> = fc
  .array(
    fc.record({
      days: fc.double({ min: -2, max: 10, noNaN: true }),
      happenings: fc.uniqueArray(happening, {
        selector: ({ stage }) => stage,
        minLength: 1,
        maxLength: STAGES.length,
        size: 'max',
      }),
    }),
    { minLength: 1, maxLength: 14, size: 'max' },
  )
  .map((runs) => {
    let startedAt = NOW - runs.reduce((sum, { days }) => sum + Math.max(0, days) * DAY_MS, 0);
    return runs.map(({ days, happenings }) => {
      startedAt = Math.round(startedAt + days * DAY_MS);
      return { startedAt, happenings };
    });
  });

const keep = fc.record({ runs: fc.integer({ min: 1, max: 3 }), days: fc.integer({ min: 0, max: 8 }) });

/** What is needed, said in the words of the promise and not in those of the program. */
function neededOf({ runs }: Told, policy: { readonly runs: number; readonly days: number }): Set<Sha256> {
  const isYoung = ({ startedAt }: Told['runs'][number]) => startedAt >= NOW - policy.days * DAY_MS;
  const first = Math.min(Math.max(0, runs.length - policy.runs), ...[runs.findIndex(isYoung)].filter((at) => at >= 0));
  const needed = new Set<Sha256>();
  runs.forEach(({ standing, code, registered }, at) => {
    for (const hash of registered) needed.add(hash);
    const isKept = at >= first || registered.length > 0;
    if (!isKept && at !== runs.length - 1) return;
    for (const hash of code) needed.add(hash);
    for (const { out, code: bundle } of standing.values()) needed.add(out).add(bundle);
  });
  return needed;
}

test('after any history all that a kept run, a version or a stage as it stands needs is there, and nothing else', () => {
  fc.assert(
    fc.property(history, keep, (runs, policy) => {
      const folder = mkdtempSync(join(tmpdir(), 'mlloop-gc-'));
      const state = stateFolder(folder);
      const log = orRaise(openRunLog(state.database));
      // Nobody pulls the plug here.
      log.database.pragma('synchronous = OFF');
      try {
        const told = recordHistory(log, runs);
        const store = openStore(state.objects);
        for (const hash of told.objects.keys()) {
          mkdirSync(dirname(store.pathOf(hash)), { recursive: true });
          writeFileSync(store.pathOf(hash), 'x');
        }
        const kept = keptRuns(log, policy, NOW);
        const needed = neededOf(told, policy);
        const free = [...told.objects].filter(([hash]) => !needed.has(hash));
        expect(freeableBytes(log, kept)).toBe(free.reduce((sum, [, size]) => sum + size, 0));

        removeGarbage(log, findGarbage(log, { state, kept }), { store, at: NOW });
        for (const hash of told.objects.keys()) expect(store.has(hash)).toBe(needed.has(hash));
        const freed = log.prepare('SELECT hash FROM artifact WHERE freed_at IS NOT NULL ORDER BY hash').pluck().all();
        expect(freed).toEqual(free.map(([hash]) => hash).sort());
        expect(freeableBytes(log, kept)).toBe(0);
        expect(findGarbage(log, { state, kept }).items).toEqual([]);
      } finally {
        log.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 200 },
  );
});

test('half-made files are cleared away, but not those of a program that is at work', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-gc-'));
  const state = stateFolder(folder);
  const log = orRaise(openRunLog(state.database));
  try {
    // No system gives out numbers of processes as high as this.
    const dead = '.x.99999999-0a0b0c0d.tmp';
    const alive = `.x.${process.pid}-0a0b0c0d.tmp`;
    const left = ['objects/ab', 'models/digits', 'cache', 'runs/1/make', 'latest/make'].map(
      (place) => `${place}/${dead}`,
    );
    const stays = [`models/digits/${alive}`, 'models/digits/v1/weights.bin', 'objects/ab/notes.txt'];
    for (const file of [...left, 'tmp/1-make/outs/half', ...stays]) {
      mkdirSync(dirname(join(state.artifacts, file)), { recursive: true });
      writeFileSync(join(state.artifacts, file), '12345');
    }
    const garbage = findGarbage(log, { state, kept: { from: 1, versions: [] } });
    expect(garbage.items.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'temporary'));
    removeGarbage(log, garbage, { store: openStore(state.objects), at: NOW });
    expect(left.filter((file) => existsSync(join(state.artifacts, file)))).toEqual([]);
    expect(stays.filter((file) => !existsSync(join(state.artifacts, file)))).toEqual([]);
    expect(existsSync(join(state.artifacts, 'tmp')) && readdirSync(join(state.artifacts, 'tmp')).length > 0).toBe(
      false,
    );
  } finally {
    log.close();
    rmSync(folder, { recursive: true });
  }
});

test('what an import or a copy of the log left half-made beside the log is garbage when its maker is gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-garbage-'));
  const [gone, here] = ['.import.999999999-0123abcd.tmp', `.import.${process.pid}-0123abcd.tmp`];
  for (const name of [gone, here, join('artifacts', '.lock.db.holder.999999999-0123abcd.tmp')]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  expect(temporaries(stateFolder(folder))).toEqual([
    join(folder, gone),
    join(folder, 'artifacts', '.lock.db.holder.999999999-0123abcd.tmp'),
  ]);
  rmSync(folder, { recursive: true });
});
