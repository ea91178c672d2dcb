import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { openRegistryFeed, type RegistryFeed } from '../../lib/cli/registry-feed.ts';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import { openRunLog, type RunLog } from '../../lib/runlog/open.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { stateFolder } from '../../lib/runner/state.ts';
import { unwrap } from '../data/failed.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithAttempt } from '../runlog/log.ts';

const path = temporaryFolder();
let feed: RegistryFeed | undefined;
afterEach(() => feed?.close());

function point(log: RunLog, from: number | null, to: number): void {
  writeEntry(log, {
    line: 'digits',
    alias: 'champion',
    kind: 'promote',
    from,
    to,
    reason: '',
    by: { actor: 'me' },
    at: 0,
  });
}

/** A log of two versions, the first of which is the champion. */
function writeLog(): void {
  const { log, attempt } = logWithAttempt(path('runs.db'));
  for (const version of [1, 2]) {
    const folder = `artifacts/models/digits/v${version}`;
    const row = { line: 'digits', version, hash: String(version).repeat(64), folder };
    insertVersion(log, { ...row, metrics: {}, from: { attempt }, at: 0 });
  }
  point(log, null, 1);
  log.close();
}

const openFeed = (): RegistryFeed =>
  unwrap(openRegistryFeed({ state: stateFolder(path()), alias: 'champion', line: undefined, pipeline: 'digits' }));

const wantedBy = (one: RegistryFeed): readonly number[] => unwrap(one.wanted()).map(({ version }) => version);

test('a log that cannot be read any more is a failure, not the end of whoever follows it', () => {
  writeLog();
  feed = openFeed();
  const first = feed.mark();
  expect(wantedBy(feed)).toEqual([1]);
  writeFileSync(path('runs.db'), 'x'.repeat(8192));
  expect(feed.mark()).not.toBe(first);
  const wanted = feed.wanted();
  expect(wanted.ok ? wanted.value : wanted.failure.code).toBe('RUNLOG_UNREADABLE');
});

test('a log that was put back from a copy is the one that is followed', () => {
  writeLog();
  copyFileSync(path('runs.db'), path('copy.db'));
  feed = openFeed();
  const first = feed.mark();
  expect(wantedBy(feed)).toEqual([1]);
  for (const left of ['runs.db-wal', 'runs.db-shm']) rmSync(path(left), { force: true });
  renameSync(path('copy.db'), path('runs.db'));
  const log = unwrap(openRunLog(path('runs.db')));
  point(log, 1, 2);
  log.close();
  expect(feed.mark()).not.toBe(first);
  expect(wantedBy(feed)).toEqual([2]);
});

test('a log that was taken away leaves what was wanted as it was', () => {
  writeLog();
  feed = openFeed();
  const first = feed.mark();
  for (const left of ['runs.db', 'runs.db-wal', 'runs.db-shm']) rmSync(path(left), { force: true });
  expect(feed.mark()).toBe(first);
  expect(wantedBy(feed)).toEqual([1]);
});
