import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRegistryReader } from '../../lib/registry/reader.ts';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithAttempt } from '../runlog/log.ts';

const path = temporaryFolder();
let log: RunLog;
let attempt: number;

beforeEach(() => {
  ({ log, attempt } = logWithAttempt(path('runs.db')));
});
afterEach(() => log.close());

function register(version: number): void {
  const folder = `artifacts/models/digits/v${version}`;
  const row = { line: 'digits', version, hash: String(version).repeat(64), folder };
  insertVersion(log, { ...row, metrics: {}, from: { attempt }, at: 0 });
}

const point = (alias: string, from: number | null, to: number): void =>
  writeEntry(log, { line: 'digits', alias, kind: 'promote', from, to, reason: '', by: { actor: 'me' }, at: 0 });

test('whoever follows the registry sees every version, its folder and names, and a mark that moves with them', () => {
  const reader = createRegistryReader(log, path());
  expect([reader.mark(), reader.versions()]).toEqual([0, []]);
  register(1);
  register(2);
  point('champion', null, 1);
  const first = reader.mark();
  point('canary', null, 1);
  point('champion', 1, 2);
  expect(reader.mark()).toBeGreaterThan(first);
  expect(reader.versions()).toEqual([
    {
      line: 'digits',
      version: 1,
      hash: '1'.repeat(64),
      folder: path('artifacts/models/digits/v1'),
      aliases: ['canary'],
    },
    {
      line: 'digits',
      version: 2,
      hash: '2'.repeat(64),
      folder: path('artifacts/models/digits/v2'),
      aliases: ['champion'],
    },
  ]);
});
