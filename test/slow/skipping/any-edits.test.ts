import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunOptions } from '../../../lib/cli/run-verb.ts';
import { lastStatuses, runHere } from '../../rig/in-process.ts';
import { createProject, type Project } from '../../rig/project.ts';
import { inputsOf, nameOf, outsOf, type StageSpec, type World, writeWorld } from '../../rig/world.ts';

/** An hour later no file is too young to be trusted: what is remembered is used as soon as it can be. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const FILES = 3;
const HELPERS = 3;

const digits = fc.integer({ min: 10, max: 99 });

const stageAt = (index: number): fc.Arbitrary<StageSpec> =>
  fc.record({
    kind: fc.constantFrom('module' as const, 'program' as const),
    add: fc.nat(3),
    env: fc.option(fc.nat(3), { nil: undefined }),
    deps: fc.subarray(Array.from({ length: index }, (_, at) => at)),
    files: fc.subarray(Array.from({ length: FILES }, (_, at) => at)),
    helpers: fc.subarray(Array.from({ length: HELPERS }, (_, at) => at)),
  });

const world: fc.Arbitrary<World> = fc.integer({ min: 2, max: 5 }).chain((count) =>
  fc.record({
    stages: fc.tuple(...Array.from({ length: count }, (_, index) => stageAt(index))),
    files: fc.array(digits, { minLength: FILES, maxLength: FILES }),
    helpers: fc.array(fc.nat(9), { minLength: HELPERS, maxLength: HELPERS }),
    seed: fc.integer({ min: 1, max: 5 }),
    style: fc.nat(100),
  }),
);

type Step =
  | { readonly kind: 'add' | 'env' | 'dep' | 'file-dep' | 'import'; readonly stage: number; readonly value: number }
  | { readonly kind: 'file' | 'helper' | 'seed' | 'style'; readonly at: number; readonly value: number }
  | { readonly kind: 'undo'; readonly back: number }
  | { readonly kind: 'run'; readonly jobs: number; readonly shuffle: number }
  | {
      readonly kind: 'part';
      readonly how: 'only' | 'from' | 'to' | 'force' | 'force all' | 'stage';
      readonly stage: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('add' as const, 'env' as const, 'dep' as const, 'file-dep' as const, 'import' as const),
    stage: fc.nat(4),
    value: fc.nat(4),
  }),
  fc.record({
    kind: fc.constantFrom('file' as const, 'helper' as const, 'seed' as const, 'style' as const),
    at: fc.nat(2),
    value: digits,
  }),
  fc.record({ kind: fc.constant('undo' as const), back: fc.nat(5) }),
  fc.record({ kind: fc.constant('run' as const), jobs: fc.integer({ min: 1, max: 4 }), shuffle: fc.nat(9) }),
  fc.record({
    kind: fc.constant('part' as const),
    how: fc.constantFrom('only', 'from', 'to', 'force', 'force all', 'stage'),
    stage: fc.nat(4),
  }) as fc.Arbitrary<Step>,
);

const toggled = (list: readonly number[], one: number): readonly number[] =>
  list.includes(one) ? list.filter((other) => other !== one) : [...list, one].sort((a, b) => a - b);

const replaced = <T>(list: readonly T[], at: number, value: T): readonly T[] =>
  list.map((one, index) => (index === at ? value : one));

/** The world after a person's edit; undefined when the step is no edit. */
function edited(now: World, one: Step): World | undefined {
  const withStage = (index: number, change: (stage: StageSpec) => Partial<StageSpec>): World => {
    const at = index % now.stages.length;
    const stage = now.stages[at] as StageSpec;
    return { ...now, stages: replaced(now.stages, at, { ...stage, ...change(stage) }) };
  };
  switch (one.kind) {
    case 'add':
      return withStage(one.stage, () => ({ add: one.value }));
    case 'env':
      return withStage(one.stage, () => ({ env: one.value === 4 ? undefined : one.value }));
    case 'dep': {
      const at = one.stage % now.stages.length;
      return at === 0 ? now : withStage(at, ({ deps }) => ({ deps: toggled(deps, one.value % at) }));
    }
    case 'file-dep':
      return withStage(one.stage, ({ files }) => ({ files: toggled(files, one.value % FILES) }));
    case 'import':
      return withStage(one.stage, ({ helpers }) => ({ helpers: toggled(helpers, one.value % HELPERS) }));
    case 'file':
      return { ...now, files: replaced(now.files, one.at, one.value) };
    case 'helper':
      return { ...now, helpers: replaced(now.helpers, one.at, one.value % 10) };
    case 'seed':
      return { ...now, seed: 1 + (one.value % 5) };
    case 'style':
      return { ...now, style: one.value };
    default:
      return undefined;
  }
}

/** What the log should say of every stage: what stands for it, and all that was ever made. */
class Expected {
  readonly latest = new Map<number, { readonly key: string; readonly out: number }>();
  private readonly made = new Map<string, number>();

  /** What a run over these stages should do with each. */
  run(now: World, selected: ReadonlySet<number>, isForced: (stage: number) => boolean): Record<string, string> {
    const statuses: Record<string, string> = {};
    for (const index of now.stages.keys()) {
      if (!selected.has(index)) continue;
      const { key, out } = inputsOf(now, index, (stage) => this.latest.get(stage)?.out ?? -1);
      const name = `${index} ${key}`;
      const isFresh = this.latest.get(index)?.key === key;
      const status = isForced(index) ? 'succeeded' : isFresh ? 'fresh' : this.made.has(name) ? 'cached' : 'succeeded';
      this.made.set(name, out);
      this.latest.set(index, { key, out });
      statuses[nameOf(index)] = status;
    }
    return statuses;
  }
}

const everyStage = (now: World): ReadonlySet<number> => new Set(now.stages.keys());

/** The stage and all that read from it, or all that it reads from. */
function reach(now: World, start: number, direction: 'after' | 'before'): ReadonlySet<number> {
  const found = new Set([start]);
  const order = [...now.stages.keys()];
  if (direction === 'after') {
    for (const index of order) if (now.stages[index]?.deps.some((dep) => found.has(dep))) found.add(index);
  } else {
    for (const index of order.reverse())
      if (found.has(index)) for (const dep of now.stages[index]?.deps ?? []) found.add(dep);
  }
  return found;
}

type Part = Extract<Step, { readonly kind: 'part' }>;

function partOf(now: World, { how, stage }: Part) {
  const index = stage % now.stages.length;
  const name = nameOf(index);
  const nothing = (): boolean => false;
  const every = everyStage(now);
  const one = new Set([index]);
  const parts: Record<
    Part['how'],
    readonly [
      options: RunOptions,
      stage: string | undefined,
      selected: ReadonlySet<number>,
      isForced: (at: number) => boolean,
    ]
  > = {
    only: [{ only: name }, undefined, one, nothing],
    from: [{ from: name }, undefined, reach(now, index, 'after'), nothing],
    to: [{ to: name }, undefined, reach(now, index, 'before'), nothing],
    force: [{ force: name }, undefined, every, (at) => at === index],
    'force all': [{ force: true }, undefined, every, () => true],
    stage: [{}, name, one, () => true],
  };
  return parts[how];
}

const bytesOf = (project: Project, now: World): string[] =>
  [...now.stages.keys()].map((index) =>
    readFileSync(project.path('artifacts/latest', nameOf(index), 'out.json'), 'utf8'),
  );

describe('after any edits and runs of parts', () => {
  test('exactly what must run runs, and the end is that of a clean run, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(step, { minLength: 3, maxLength: 9 }), async (first, steps) => {
        const project = createProject({});
        const clean = createProject({});
        try {
          let now = first;
          const past = [first];
          const expected = new Expected();
          let texts = writeWorld(project, now, new Map());
          const plain = async (options: RunOptions): Promise<void> => {
            const { status, stderr } = await runHere(project, options);
            expect(status, stderr).toBe(0);
            expect(lastStatuses(project)).toEqual(expected.run(now, everyStage(now), () => false));
          };
          await plain({});
          for (const one of steps) {
            if (one.kind === 'run')
              await plain({ jobs: one.jobs, ...(one.shuffle === 0 ? {} : { shuffle: one.shuffle }) });
            else if (one.kind === 'part') {
              const [options, stage, selected, isForced] = partOf(now, one);
              const { status, stderr } = await runHere(project, options, stage);
              expect(status, stderr).toBe(0);
              expect(lastStatuses(project)).toEqual(expected.run(now, selected, isForced));
            } else {
              now = one.kind === 'undo' ? (past.at(-1 - (one.back % past.length)) ?? now) : (edited(now, one) ?? now);
              past.push(now);
              texts = writeWorld(project, now, texts);
            }
          }
          await plain({});
          expect(bytesOf(project, now)).toEqual(outsOf(now).map(String));
          await plain({});
          expect(new Set(Object.values(lastStatuses(project)))).toEqual(new Set(['fresh']));

          writeWorld(clean, now, new Map());
          expect((await runHere(clean, { jobs: 1 })).status).toBe(0);
          expect(bytesOf(project, now)).toEqual(bytesOf(clean, now));
          const keys =
            'SELECT stage, made.key FROM attempt AS turn JOIN (SELECT id, key FROM attempt) AS made ON made.id = coalesce(turn.origin, turn.id) WHERE run = (SELECT max(id) FROM run) ORDER BY stage';
          expect(project.rows(keys)).toEqual(clean.rows(keys));
        } finally {
          project.dispose();
          clean.dispose();
        }
      }),
      { numRuns: Number(process.env['MLLOOP_PROPERTY_RUNS'] ?? 25) },
    );
  });
});
