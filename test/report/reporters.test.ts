import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Reporter, RunnerEvent } from '../../lib/domain/event.ts';
import { failure } from '../../lib/domain/failure.ts';
import { createLiveReporter } from '../../lib/report/console/live-reporter.ts';
import { createPlainReporter } from '../../lib/report/console/plain-reporter.ts';

const STARTED: RunnerEvent = {
  type: 'run-started',
  atMs: 0,
  run: 3,
  pipeline: 'digits',
  profile: undefined,
  stages: ['collect', 'train'],
  parent: undefined,
  trigger: 'manual',
};

const progress = (atMs: number, current: number, detail?: string): RunnerEvent => ({
  type: 'stage-progress',
  atMs,
  stage: 'train',
  progress: { label: 'epoch', current, total: 5, ...(detail === undefined ? {} : { detail }) },
});

const bytes = (atMs: number, current: number): RunnerEvent => ({
  type: 'stage-progress',
  atMs,
  stage: 'collect',
  progress: { label: 'download train-images', current, total: 9_912_422, unit: 'bytes' },
});

const FAILED: RunnerEvent = {
  type: 'stage-ended',
  atMs: 21_000,
  stage: 'train',
  status: 'failed',
  durationMs: 12_000,
  why: 'params.learningRate 0.001 -> 9',
  failure: failure('TRAIN_DIVERGED', { epoch: 2, loss: 'NaN', learningRate: 9 }),
  logTail: ['baseline: epoch 1/5', 'something else'],
  logFile: 'artifacts/logs/3/train.log',
  resume: 'npm run pipeline -- --from train',
  debug: 'npm run stage -- train --inspect',
};

const EVENTS: readonly RunnerEvent[] = [
  STARTED,
  { type: 'stage-decided', atMs: 1, stage: 'collect', verdict: 'run', why: 'first time' },
  { type: 'stage-started', atMs: 1, stage: 'collect' },
  bytes(1000, 0),
  bytes(6000, 4_956_211),
  { type: 'stage-log', atMs: 7000, stage: 'collect', level: 'warning', text: 'One\nTwo' },
  {
    type: 'stage-ended',
    atMs: 9000,
    stage: 'collect',
    status: 'succeeded',
    durationMs: 8999,
    why: 'first time',
    failure: undefined,
    logTail: [],
    logFile: undefined,
    resume: undefined,
    debug: undefined,
  },
  { type: 'stage-decided', atMs: 9000, stage: 'train', verdict: 'run', why: 'params.learningRate 0.001 -> 9' },
  { type: 'stage-started', atMs: 9000, stage: 'train' },
  progress(9500, 0.5),
  progress(15_000, 2.2, 'loss 0.2110  accuracy 0.9400'),
  progress(15_010, 2.3, 'loss 0.2110  accuracy 0.9400'),
  FAILED,
];

const tell = (reporter: Reporter): void => {
  for (const event of EVENTS) reporter(event);
};

describe('where there is no terminal', () => {
  test('lines are only added, progress every few seconds, a failure with all that helps', () => {
    let text = '';
    tell(
      createPlainReporter((more) => {
        text += more;
      }),
    );
    expect(text).toBe(`Run 3 of digits
collect    download train-images 5.0 MB/9.9 MB  ETA 5.0 s
collect    warning: One
collect    Two
collect  ran               9.0 s  first time
train      epoch 3/5  loss 0.2110  accuracy 0.9400  ETA 9.0 s
train    failed           12.0 s  params.learningRate 0.001 -> 9
  Training diverged: the loss became NaN in epoch 2 at learning rate 9.
  Lower learningRate, or check the data for values far outside 0 to 255.
  Its last 2 lines:
    baseline: epoch 1/5
    something else
  Its log: artifacts/logs/3/train.log
  Go on with: npm run pipeline -- --from train
  Look into it with: npm run stage -- train --inspect
`);
  });
});

describe('in a terminal', () => {
  const lines: string[] = [];
  const frames: string[] = [];
  tell(
    createLiveReporter({
      update: (text) => frames.push(stripVTControlCharacters(text)),
      persist: (text) => lines.push(stripVTControlCharacters(text)),
      done: () => undefined,
    }),
  );

  test('the running stage is redrawn above those that wait', () => {
    expect(frames).toContain(`collect  running           6.0 s  first time
         ━━━━━━━━━━──────────  download train-images 5.0 MB/9.9 MB  ETA 5.0 s
train`);
    expect(frames).toContain(`train    running           6.0 s  params.learningRate 0.001 -> 9
         ━━━━━━━━━───────────  epoch 3/5  loss 0.2110  accuracy 0.9400  ETA 9.0 s`);
  });

  test('what nobody could see is not drawn', () => {
    // The event ten milliseconds later changed nothing a person could have read.
    expect(frames.filter((frame) => frame.includes('epoch 3/5'))).toHaveLength(1);
  });

  test('what is over stays as lines', () => {
    expect(lines.slice(0, 3)).toEqual([
      'Run 3 of digits',
      '  warning: One\n  Two',
      'collect  ran               9.0 s  first time',
    ]);
    expect(lines[3]?.split('\n')[1]).toBe('  Training diverged: the loss became NaN in epoch 2 at learning rate 9.');
  });
});
