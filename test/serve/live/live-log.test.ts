import { describe, expect, test } from 'vitest';
import type { LabelReceipt, LiveWrites, LiveWritten } from '../../../lib/domain/live.ts';
import {
  type CommitOutcome,
  createLiveLog,
  type ExpiredRows,
  type LiveEvent,
  type LiveLogLimits,
  type LogWriter,
} from '../../../lib/serve/live/live-log.ts';
import { systemClock } from '../../../lib/util/clock.ts';

/** A disk that writes when the test says so. */
class Disk implements LogWriter {
  readonly groups: LiveWrites[] = [];
  isClosed = false;
  #settle: ((outcome: CommitOutcome) => void) | undefined;
  #asked: (() => void) | undefined;

  commit(writes: LiveWrites): Promise<CommitOutcome> {
    if (this.#settle !== undefined) throw new Error('a group is being written already');
    this.groups.push(writes);
    this.#asked?.();
    return new Promise((settle) => {
      this.#settle = settle;
    });
  }

  expired = (): ExpiredRows => ({ inputs: 0, answers: 0 });

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** The group that waits to be written, once there is one. */
  async asked(): Promise<LiveWrites> {
    if (this.#settle === undefined)
      await new Promise<void>((resolve) => {
        this.#asked = resolve;
      });
    const last = this.groups.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  async end(outcome: (writes: LiveWrites) => CommitOutcome): Promise<void> {
    const writes = await this.asked();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome(writes));
    // What follows from it happens before the next line of the test.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const written = (writes: LiveWrites, more: Partial<LiveWritten> = {}): CommitOutcome => ({
  kind: 'written',
  written: {
    recorded: writes.answers.reduce((sum, { ids }) => sum + ids.length, 0),
    known: 0,
    joined: 0,
    unfit: [],
    receipts: writes.labels.map((labels) => ({ kind: 'kept', outcomes: labels.map(() => 'recorded') })),
    ...more,
  },
});
const full = (): CommitOutcome => ({ kind: 'later', problem: 'database or disk is full' });

const answered = (id: string, inputs: Uint8Array | Float32Array = Uint8Array.of(1, 2), version = 1) => ({
  id,
  line: 'toy',
  version,
  rows: 1,
  inputs,
  probabilities: Float32Array.of(0.25, 0.75),
  predicted: [1],
  at: 5,
});
const idsOf = ({ answers }: LiveWrites): string[] => answers.flatMap(({ ids }) => ids);
const label = (prediction: string) => [{ prediction, label: 'a' }];

function make(limits: Partial<LiveLogLimits> = {}, keepsInputs = true) {
  const disk = new Disk();
  const events: LiveEvent[] = [];
  const log = createLiveLog({ writer: disk, keepsInputs, clock: systemClock, limits: { gatherMs: 1, ...limits } });
  log.watch((event) => events.push(event));
  return { disk, log, events };
}

describe('answers', () => {
  test('that come while a group is written are the next group, whole and in their order', async () => {
    const { disk, log } = make();
    log.record(answered('a'));
    expect(idsOf(await disk.asked())).toEqual(['a']);
    for (const id of ['b', 'c', 'd']) log.record(answered(id));
    await disk.end(written);
    expect(idsOf(await disk.asked())).toEqual(['b', 'c', 'd']);
    expect(log.counts()).toMatchObject({ recorded: 1, waiting: 3, lost: 0 });
    await disk.end(written);
    expect(log.counts()).toMatchObject({ recorded: 4, waiting: 0, lost: 0 });
  });

  test('are packed by version; rows of a request each have an id, an input where it is bytes, and their own answers', async () => {
    const { disk, log } = make();
    log.record({
      ...answered('many', Float32Array.of(0, 255, 7, 8)),
      rows: 2,
      probabilities: Float32Array.of(1, 0, 0.5, 0.5),
      predicted: [0, 1],
    });
    log.record(answered('half', Float32Array.of(0.5, 1)));
    log.record(answered('other', Uint8Array.of(9, 9), 2));
    expect((await disk.asked()).answers).toEqual([
      {
        line: 'toy',
        version: 1,
        ids: ['many.0', 'many.1'],
        at: Float64Array.of(5, 5),
        inputs: Uint8Array.of(0, 255, 7, 8),
        predicted: Int32Array.of(0, 1),
        probabilities: Float32Array.of(1, 0, 0.5, 0.5),
      },
      expect.objectContaining({ ids: ['half'], inputs: null }),
      expect.objectContaining({ ids: ['other'], version: 2, inputs: Uint8Array.of(9, 9) }),
    ]);
  });

  test('have no inputs where none are kept', async () => {
    const { disk, log } = make({}, false);
    log.record(answered('a'));
    expect((await disk.asked()).answers).toEqual([expect.objectContaining({ ids: ['a'], inputs: null })]);
  });

  test.each([256, -1, 0.5, Number.NaN, 1e10])('with the value %d are on record without their input', async (value) => {
    const { disk, log } = make();
    log.record(answered('a', Float32Array.of(value, 1)));
    expect((await disk.asked()).answers[0]?.inputs).toBeNull();
  });
});

describe('labels', () => {
  test('wait for nobody, and come after every answer before them', async () => {
    const { disk, log } = make({ gatherMs: 1e9 });
    log.record(answered('a'));
    const receipt = log.label(label('a'));
    expect(disk.groups.map((group) => [idsOf(group), group.labels])).toEqual([[['a'], [label('a')]]]);
    await disk.end(written);
    expect(await receipt).toEqual({ kind: 'kept', outcomes: ['recorded'] });
    expect(log.counts().labels).toEqual({ recorded: 1, changed: 0, repeated: 0, unknown: 0, forgotten: 0 });
  });

  test('that come while a group is written share the next transaction', async () => {
    const { disk, log } = make();
    const first = log.label(label('a'));
    const others = ['b', 'c'].map((id) => log.label(label(id)));
    await disk.end(written);
    expect((await disk.asked()).labels).toEqual([label('b'), label('c')]);
    await disk.end(written);
    expect(await Promise.all([first, ...others])).toHaveLength(3);
    expect(disk.groups).toHaveLength(2);
  });

  test('are refused when too many wait', async () => {
    const { disk, log } = make({ waitingLabels: 1 });
    const first = log.label(label('a'));
    const second = log.label(label('b'));
    expect(await log.label(label('c'))).toEqual({
      kind: 'unavailable',
      problem: '1 requests with labels wait to be written',
    });
    await disk.end(written);
    await disk.end(written);
    expect((await Promise.all([first, second])).map(({ kind }) => kind)).toEqual(['kept', 'kept']);
  });
});

describe('where nothing can be written', () => {
  test('a label is refused at once, and what was answered waits', async () => {
    const { disk, log, events } = make({ pauseMs: 1e9 });
    log.record(answered('a'));
    const receipt = log.label(label('a'));
    await disk.end(full);
    expect(await receipt).toEqual({ kind: 'unavailable', problem: 'database or disk is full' });
    expect(log.counts()).toMatchObject({ waiting: 1, lost: 0, problem: 'database or disk is full' });
    expect(events).toEqual([{ type: 'stuck', problem: 'database or disk is full' }]);
    // Nothing is tried again but for a label's sake, which is written alone: it may fit where the rest does not.
    log.record(answered('b'));
    const second = log.label(label('a'));
    const group = await disk.asked();
    expect([idsOf(group), group.labels]).toEqual([[], [label('a')]]);
    await disk.end(written);
    expect((await second).kind).toBe('kept');
    expect(log.counts().problem).toBe('database or disk is full');
  });

  test('the oldest are lost when too many wait, which is counted and told; the rest is written later', async () => {
    const { disk, log, events } = make({ waitingRows: 10, groupRows: 100, pauseMs: 1 });
    for (let at = 0; at < 10; at++) log.record(answered(`p${at}`));
    await disk.end(full);
    await disk.asked();
    for (let at = 10; at < 13; at++) log.record(answered(`p${at}`));
    await disk.end(full);
    expect(log.counts()).toMatchObject({ waiting: 9, lost: 4 });
    expect(events.at(-1)).toEqual({ type: 'lost', rows: 4, problem: 'database or disk is full' });
    await disk.end(written);
    expect(disk.groups.at(-1)?.answers.flatMap(({ ids }) => ids)).toEqual(
      Array.from({ length: 9 }, (_, at) => `p${at + 4}`),
    );
    expect(events.at(-1)).toEqual({ type: 'recovered', waited: 9 });
    expect(log.counts()).toMatchObject({ recorded: 9, waiting: 0, lost: 4, problem: undefined });
  });

  test('large inputs are bounded by their bytes', async () => {
    const { disk, log } = make({ waitingBytes: 100 });
    log.record(answered('first', new Uint8Array(40)));
    await disk.asked();
    for (let at = 0; at < 4; at++) log.record(answered(`p${at}`, new Uint8Array(40)));
    expect(log.counts()).toMatchObject({ waiting: 3, lost: 2 });
  });

  test('what can never be written is lost, and the labels that came with it are written without it', async () => {
    const { disk, log } = make();
    log.record(answered('a'));
    const receipt = log.label(label('a'));
    await disk.end(() => ({ kind: 'broken', problem: 'FOREIGN KEY constraint failed' }));
    const group = await disk.asked();
    expect([idsOf(group), group.labels]).toEqual([[], [label('a')]]);
    await disk.end(written);
    expect((await receipt).kind).toBe('kept');
    expect(log.counts()).toMatchObject({ recorded: 0, lost: 1, waiting: 0 });
  });
});

test('what alone of a group could not be written is lost by its id, and the labels beside it are told what became of each', async () => {
  const { disk, log, events } = make();
  const before = log.label(label('x'));
  for (const id of ['a', 'b', 'c', 'd']) log.record(answered(id));
  const receipts = [log.label(label('a')), log.label(label('d'))];
  await disk.end(written);
  await before;
  const foreign = 'FOREIGN KEY constraint failed';
  const unfit = [
    { prediction: 'b', problem: foreign },
    { prediction: 'c', problem: 'not a JSON number: NaN' },
    { prediction: 'd', problem: foreign },
  ];
  await disk.end((writes) => {
    const kept: LabelReceipt = { kind: 'kept', outcomes: ['recorded'] };
    return written(writes, { recorded: 1, unfit, receipts: [kept, { kind: 'unavailable', problem: foreign }] });
  });
  expect(events).toEqual([
    { type: 'lost', rows: 2, problem: foreign, ids: ['b', 'd'] },
    { type: 'lost', rows: 1, problem: 'not a JSON number: NaN', ids: ['c'] },
  ]);
  expect(log.counts()).toMatchObject({ recorded: 1, lost: 3, waiting: 0, problem: undefined });
  expect((await Promise.all(receipts)).map(({ kind }) => kind)).toEqual(['kept', 'unavailable']);
});

describe('at the end', () => {
  test('what waits is written, however much', async () => {
    const { disk, log } = make({ groupRows: 2, gatherMs: 1e9 });
    for (const id of ['a', 'b', 'c']) log.record(answered(id));
    const closed = log.close();
    await disk.end(written);
    await disk.end(written);
    await closed;
    expect(disk.groups.map(idsOf)).toEqual([['a', 'b'], ['c']]);
    expect([log.counts().recorded, disk.isClosed]).toEqual([3, true]);
    expect(await log.label(label('a'))).toEqual({ kind: 'unavailable', problem: 'the server is stopping' });
  });

  test('what cannot be written is lost, and the end comes all the same', async () => {
    const { disk, log, events } = make({ gatherMs: 1e9 });
    log.record(answered('a'));
    const closed = log.close();
    await disk.end(full);
    await closed;
    expect(log.counts()).toMatchObject({ lost: 1, waiting: 0 });
    expect(events.at(-1)).toEqual({ type: 'lost', rows: 1, problem: 'database or disk is full' });
  });

  test('what could not be written before is tried once more, also where only a label was written last', async () => {
    const { disk, log } = make({ gatherMs: 1e9, pauseMs: 1e9, groupRows: 1 });
    log.record(answered('a'));
    await disk.end(full);
    const receipt = log.label(label('a'));
    const closed = log.close();
    await disk.end(written);
    expect((await receipt).kind).toBe('kept');
    await disk.end(written);
    await closed;
    expect(disk.groups.map(idsOf)).toEqual([['a'], [], ['a']]);
    expect(log.counts()).toMatchObject({ recorded: 1, lost: 0, waiting: 0 });
  }, 5000);
});
