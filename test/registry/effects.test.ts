import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderHash } from '../../lib/cache/content.ts';
import type { EngineOffer } from '../../lib/domain/engine.ts';
import { READ_NAMES } from '../../lib/domain/questions.ts';
import { createAnswers } from '../../lib/registry/answers.ts';
import { applyEffects } from '../../lib/registry/effects.ts';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithAttempt } from '../runlog/log.ts';

const path = temporaryFolder();
let log: RunLog;
let run: number;
let attempt: number;

beforeEach(() => {
  ({ log, run, attempt } = logWithAttempt(path('runs.db')));
});
afterEach(() => log.close());

/** Content hash of a model of one file. */
const hashOf = (text: string): string =>
  folderHash([{ path: 'weights.bin', sha256: sha256(text), sizeBytes: text.length }]);

interface DeployOptions {
  readonly override?: string;
  readonly against?: number | null;
}

/** Deploys a model of one file; the same text is the same model. */
function deploy(text: string, options: DeployOptions = {}): void {
  const folder = path('store', text);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path('store', text, 'weights.bin'), text);
  const deps = { model: { hash: hashOf(text), folder } };
  const metrics = { accuracy: 0.9 };
  const show = log.atomically(() =>
    applyEffects({ log, state: path(), run, attempt, at: 7, deps }, [
      { kind: 'deploy', line: 'digits', dep: 'model', metrics, reason: 'passed', ...options },
    ]),
  );
  show();
}

/** What a person does with `mlloop rollback`. */
const rollBack = (from: number, to: number): void =>
  log.atomically(() =>
    writeEntry(log, {
      line: 'digits',
      alias: 'champion',
      kind: 'rollback',
      from,
      to,
      reason: 'worse on receipts',
      by: { actor: 'anna@desk' },
      at: Date.UTC(2026, 10, 24),
    }),
  );

const rows = (sql: string): unknown[] => log.prepare(sql).all();
const champion = (): string => readlinkSync(path('artifacts/models/digits/champion'));

describe('a deployment', () => {
  test('lays out an immutable version, then points the alias at it', () => {
    deploy('one');
    expect(champion()).toBe('v1');
    expect(statSync(path('artifacts/models/digits/v1/weights.bin')).mode & 0o222).toBe(0);
    expect(JSON.parse(readFileSync(path('artifacts/models/digits/v1/version.json'), 'utf8'))).toEqual({
      format: 'mlloop-version',
      line: 'digits',
      version: 1,
      run,
      hash: hashOf('one'),
      files: { 'weights.bin': sha256('one') },
      metrics: { accuracy: 0.9 },
    });
  });

  test('of the same bytes changes nothing', () => {
    deploy('one');
    deploy('one');
    expect(rows('SELECT version FROM model_version')).toEqual([{ version: 1 }]);
    expect(rows('SELECT count(*) AS moves FROM deployment')).toEqual([{ moves: 1 }]);
  });

  test('of an older version’s bytes brings that version back', () => {
    deploy('one');
    deploy('two');
    deploy('one');
    expect(rows('SELECT version FROM model_version ORDER BY version')).toEqual([{ version: 1 }, { version: 2 }]);
    expect(rows('SELECT from_version, to_version FROM deployment ORDER BY id')).toEqual([
      { from_version: null, to_version: 1 },
      { from_version: 1, to_version: 2 },
      { from_version: 2, to_version: 1 },
    ]);
    expect(champion()).toBe('v1');
  });

  test('of a version that was rolled back from leaves the champion where it is, and says who went back', () => {
    deploy('one');
    deploy('two');
    rollBack(2, 1);
    deploy('two');
    deploy('two');
    expect(rows('SELECT version FROM alias')).toEqual([{ version: 1 }]);
    expect(rows("SELECT from_version, to_version, reason, attempt FROM deployment WHERE kind = 'kept'")).toEqual([
      {
        from_version: 1,
        to_version: 1,
        reason: 'v2 was rolled back by anna@desk on 2026-11-24 (worse on receipts)',
        attempt,
      },
    ]);
    expect(rows('SELECT DISTINCT title, text, level FROM note')).toEqual([
      {
        title: 'deploy',
        text: 'kept: v2 was rolled back by anna@desk on 2026-11-24 (worse on receipts); npx mlloop promote v2 --line digits brings it back',
        level: 'warning',
      },
    ]);
  });

  test('of a version that was rolled back from goes live where a person says why', () => {
    deploy('one');
    deploy('two');
    rollBack(2, 1);
    deploy('two', { override: 'receipts are gone' });
    expect(champion()).toBe('v2');
    expect(rows('SELECT kind, reason FROM deployment ORDER BY id DESC LIMIT 1')).toEqual([
      { kind: 'override', reason: 'receipts are gone' },
    ]);
    // From then on it is an ordinary version again.
    deploy('one');
    deploy('two');
    expect(champion()).toBe('v2');
  });

  test('that a stage does not want is on record once', () => {
    deploy('one');
    const target = { log, state: path(), run, attempt, at: 9, deps: {} };
    for (let time = 0; time < 2; time++) applyEffects(target, [{ kind: 'keep', line: 'digits', reason: 'not better' }]);
    expect(rows("SELECT from_version, to_version, reason FROM deployment WHERE kind = 'kept'")).toEqual([
      { from_version: 1, to_version: 1, reason: 'not better' },
    ]);
  });

  test('is never changed afterwards', () => {
    deploy('one');
    expect(() => log.database.exec("UPDATE model_version SET metrics = '{}'")).toThrow(
      'a registered version never changes',
    );
    expect(() => log.database.exec('DELETE FROM model_version')).toThrow('a registered version never changes');
  });

  test('that was compared with another champion than there is now proves nothing', () => {
    deploy('one');
    deploy('two', { against: 1 });
    deploy('three', { against: 2 });
    rollBack(3, 1);
    deploy('four', { against: 3 });
    expect(rows('SELECT version FROM alias')).toEqual([{ version: 1 }]);
    expect(rows('SELECT version FROM model_version')).toHaveLength(3);
    const reason = 'v1 became the champion while this model was compared with v3';
    expect(rows("SELECT from_version, to_version, reason FROM deployment WHERE kind = 'kept'")).toEqual([
      { from_version: 1, to_version: 1, reason },
    ]);
    expect(rows('SELECT text FROM note')).toEqual([{ text: `kept: ${reason}; the next run compares again` }]);
    deploy('four', { against: 1 });
    expect(champion()).toBe('v4');
    deploy('five', { against: 1, override: 'it has to be' });
    expect(champion()).toBe('v5');
  });

  test('of a version whose folder was damaged meanwhile lays it out again before anybody reads it', () => {
    deploy('one');
    deploy('two');
    const damaged = path('artifacts/models/digits/v1/weights.bin');
    chmodSync(damaged, 0o644);
    writeFileSync(damaged, 'onf');
    deploy('one');
    expect(champion()).toBe('v1');
    expect(readFileSync(damaged, 'utf8')).toBe('one');
    expect(readdirSync(path('artifacts/models/digits')).sort()).toEqual(['champion', 'v1', 'v2']);
  });

  test('mends a link that is gone or wrong: runs.db decides', () => {
    deploy('one');
    rmSync(path('artifacts/models/digits/champion'));
    symlinkSync('v9', path('artifacts/models/digits/champion'));
    deploy('one');
    expect(champion()).toBe('v1');
  });

  test('replaces what a crash left under the next number', () => {
    mkdirSync(path('artifacts/models/digits/v1'), { recursive: true });
    writeFileSync(path('artifacts/models/digits/v1/half'), '');
    deploy('one');
    expect(() => statSync(path('artifacts/models/digits/v1/half'))).toThrow(/ENOENT/);
  });

  test('is in a ledger that cannot be changed', () => {
    deploy('one');
    expect(() => log.database.exec('DELETE FROM deployment')).toThrow('the deployment ledger is append-only');
    expect(() => log.database.exec('UPDATE deployment SET to_version = 5')).toThrow(
      'the deployment ledger is append-only',
    );
  });
});

describe('what a stage asks', () => {
  const engine: EngineOffer = {
    tfjs: { engine: 'tfjs', backend: 'wasm', version: '4', why: '' },
    onnx: { problem: 'not here' },
  };
  const digests = async (round = 0): Promise<Record<string, string>> => {
    const answers = createAnswers({ log, state: path(), engine, pipeline: 'digits', round, override: undefined });
    const names = READ_NAMES.filter((name) => name !== 'pipeline');
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await answers.digest(name)])));
  };
  const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
    Object.keys(before).filter((name) => before[name] !== after[name]);

  test('has another digest exactly when the answer may be another', async () => {
    const nothing = await digests();
    deploy('one');
    const deployed = await digests();
    expect(changed(nothing, deployed)).toEqual(['champion', 'labels', 'drift', 'driftWindows']);
    const input = Uint8Array.of(1);
    const entries = [{ predictionId: 'p', input, predicted: 1, probabilities: [1], label: 1 }];
    const target = { log, state: path(), run, attempt, at: 8, deps: {} };
    applyEffects(target, [{ kind: 'simulate', line: 'digits', version: 1, entries }]);
    const labelled = await digests();
    expect(changed(deployed, labelled)).toEqual(['labels', 'drift']);
    applyEffects(target, [{ kind: 'accept', line: 'digits', simulated: true }]);
    expect(changed(labelled, await digests())).toEqual(['labels', 'driftWindows', 'acceptedFeedback']);
  });

  test('of the round does not make a later plain run run again', async () => {
    expect(await digests(1)).toEqual(await digests(0));
  });

  test('of the champion is its folder', async () => {
    const answers = createAnswers({ log, state: path(), engine, pipeline: 'digits', round: 0, override: undefined });
    expect(await answers.ask('champion', { line: 'digits' })).toBeNull();
    deploy('one');
    expect(await answers.ask('champion', { line: 'digits' })).toEqual({
      line: 'digits',
      version: 1,
      modelHash: hashOf('one'),
      folder: path('artifacts/models/digits/v1'),
      problem: null,
      learnedFrom: [],
    });
    // Who only judges by it is answered the same.
    expect(await answers.ask('reference', { line: 'digits' })).toEqual(
      await answers.ask('champion', { line: 'digits' }),
    );
  });

  test('of the champion says what is wrong with its files', async () => {
    const answers = createAnswers({ log, state: path(), engine, pipeline: 'digits', round: 0, override: undefined });
    const problem = async () => (await answers.ask('champion', { line: 'digits' }))?.problem;
    deploy('one');
    const weights = path('artifacts/models/digits/v1/weights.bin');
    rmSync(weights);
    writeFileSync(weights, 'two');
    expect(await problem()).toBe('weights.bin has other bytes');
    rmSync(path('artifacts/models/digits/v1'), { recursive: true });
    expect(await problem()).toBe('it is gone');
  });
});
