import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunLog } from '../../lib/runlog/open.ts';
import { readRun } from '../../lib/runlog/read-run.ts';
import { insertRecords } from '../../lib/runlog/records.ts';
import { endRun, interruptLeftovers, lastRuns } from '../../lib/runlog/runs.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithAttempt } from './log.ts';

const path = temporaryFolder();
let log: RunLog;
let run: number;
let attempt: number;

beforeEach(() => {
  ({ log, run, attempt } = logWithAttempt(path('runs.db')));
});
afterEach(() => log.close());

describe('a run’s rows', () => {
  test('hold params by dotted name, each with its own type', () => {
    expect(readRun(log, run)?.params).toEqual([
      { stage: 'make', name: 'a.b', value: 1 },
      { stage: 'make', name: 'list', value: [1, 2] },
      { stage: 'make', name: 'text', value: 'x' },
    ]);
  });

  test('hold numbers that are none as such', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1 + 0.2]) {
      insertRecords(log, attempt, [{ kind: 'metric', name: 'loss', value, step: 1, split: 'train', model: 'm' }]);
    }
    expect(readRun(log, run)?.metrics.map(({ value }) => value)).toEqual(['nan', 'inf', '-inf', 0.1 + 0.2]);
    expect(() => log.database.exec('INSERT INTO metric (attempt, name) VALUES (1, "x")')).toThrow(
      /CHECK|no such column/,
    );
  });

  test('hold trials with their folds, a failed one too', () => {
    const trial = {
      kind: 'trial',
      trial: 0,
      params: { l2: 0.1 },
      mean: null,
      std: null,
      rank: 1,
      winner: false,
      reference: false,
    } as const;
    insertRecords(log, attempt, [
      {
        kind: 'fold',
        trial: 0,
        fold: 0,
        status: 'succeeded',
        score: 0.5,
        reused: true,
        durationMs: 3,
        cpuMs: 2,
        peakMemoryBytes: 9,
      },
      {
        kind: 'fold',
        trial: 0,
        fold: 1,
        status: 'failed',
        score: null,
        reused: false,
        durationMs: 0,
        cpuMs: null,
        peakMemoryBytes: null,
        error: 'diverged',
      },
      { ...trial, status: 'failed' },
    ]);
    expect(readRun(log, run)?.trials).toEqual([
      {
        stage: 'make',
        trial: 0,
        params: { l2: 0.1 },
        status: 'failed',
        mean: null,
        std: null,
        rank: 1,
        winner: false,
        reference: false,
        folds: [
          {
            trial: 0,
            fold: 0,
            status: 'succeeded',
            score: 0.5,
            reused: true,
            durationMs: 3,
            cpuMs: 2,
            peakMemoryBytes: 9,
          },
          {
            trial: 0,
            fold: 1,
            status: 'failed',
            score: null,
            reused: false,
            durationMs: 0,
            cpuMs: null,
            peakMemoryBytes: null,
            error: 'diverged',
          },
        ],
      },
    ]);
  });

  test('of what a stage used last are the ones told', () => {
    insertRecords(log, attempt, [
      { kind: 'used', what: 'dataset', value: { source: 'a' } },
      { kind: 'used', what: 'dataset', value: { source: 'b' } },
    ]);
    expect(readRun(log, run)?.used).toEqual({ dataset: { source: 'b' }, engine: null });
  });
});

test('what a dead runner left is marked interrupted', () => {
  interruptLeftovers(log, 5000);
  const view = readRun(log, run);
  expect([view?.status, view?.exitCode, view?.durationMs, view?.stages[0]?.status]).toEqual([
    'interrupted',
    130,
    4000,
    'interrupted',
  ]);
});

test('a run that ended keeps its end', () => {
  endRun(log, run, { status: 'succeeded', exitCode: 0, endedAt: 3000 });
  interruptLeftovers(log, 5000);
  expect(readRun(log, run)?.status).toBe('succeeded');
  expect(lastRuns(log, 5)).toEqual([run]);
  expect(readRun(log, 99)).toBeUndefined();
});
