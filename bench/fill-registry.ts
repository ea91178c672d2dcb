import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../lib/cache/content.ts';
import { orRaise } from '../lib/domain/raised.ts';
import { applyEffects } from '../lib/registry/effects.ts';
import { startAttempt } from '../lib/runlog/attempts.ts';
import { openRunLog } from '../lib/runlog/open.ts';
import { fillLog } from './fill-log.ts';

/** Bytes of the perceptron 784-100-10 as it is stored: TensorFlow.js' weights, and the same again as ONNX. */
const FILES = { 'weights.bin': 318_040, 'model.onnx': 319_000, 'golden.json': 22_000, 'model.json': 1000 } as const;

/** A registry as a project has that has deployed so often: every run a version, each with its folder. */
export async function fillRegistry(state: string, versions: number): Promise<void> {
  const file = join(state, 'runs.db');
  fillLog(file, versions);
  const log = orRaise(openRunLog(file));
  const folder = join(state, 'made');
  mkdirSync(folder);
  for (let run = 1; run <= versions; run++) {
    for (const [name, size] of Object.entries(FILES)) writeFileSync(join(folder, name), new Uint8Array(size).fill(run));
    const { hash } = await contentOf(folder);
    const attempt = { run, stage: 'ship', number: 1, key: hash, keyParts: {}, why: '', startedAt: run * 1000 };
    const id = startAttempt(log, { ...attempt, log: undefined, code: undefined, mark: '' });
    const target = { log, state, run, attempt: id, at: run * 1000, deps: { model: { hash, folder } } };
    const effect = {
      kind: 'deploy',
      line: 'digits',
      dep: 'model',
      metrics: { accuracy: 0.9 },
      reason: 'passed',
    } as const;
    log.atomically(() => applyEffects(target, [effect]))();
  }
  log.close();
}
