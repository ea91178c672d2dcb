import {
  type ArtifactUse,
  endAttempt,
  recordArtifacts,
  recordCode,
  recordUnexecuted,
  startAttempt,
} from '../../lib/runlog/attempts.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertVersion, nextVersion } from '../../lib/runlog/registry.ts';
import { endRun, insertRun } from '../../lib/runlog/runs.ts';
import { type Sha256, sha256 } from '../../lib/util/hash.ts';

/** What happens to one stage in one run; `pick` chooses among few contents, or among earlier attempts. */
interface Happening {
  readonly stage: string;
  readonly how: 'ran' | 'fresh' | 'cached' | 'failed' | 'skipped';
  readonly pick: number;
  /** Whether what stands is registered as a version. */
  readonly register: boolean;
}

export interface HistoryRun {
  readonly startedAt: number;
  readonly happenings: readonly Happening[];
}

/** An attempt that made something, as the test remembers it. */
interface Maker {
  readonly id: number;
  readonly out: Sha256;
  readonly code: Sha256;
}

/** A history as the test remembers it, to be compared with what the log says of it. */
export interface Told {
  /** For every run what stood for each stage when it ended, and the code it executed. */
  readonly runs: readonly {
    readonly startedAt: number;
    readonly standing: ReadonlyMap<string, Maker>;
    readonly code: readonly Sha256[];
    readonly registered: readonly Sha256[];
  }[];
  /** Size of every object, in bytes. */
  readonly objects: ReadonlyMap<Sha256, number>;
}

/** Few contents a stage, and half as many bundles: different runs meet in the same objects. */
const contentText = (stage: string, pick: number): string => `${stage} made ${pick}`;
const codeText = (stage: string, pick: number): string => `code ${pick >> 1} of ${stage}`;

/** Puts a history on record, one run after the other. */
export function recordHistory(log: RunLog, history: readonly HistoryRun[]): Told {
  const objects = new Map<Sha256, number>();
  const makers = new Map<string, Maker[]>();
  const standing = new Map<string, Maker>();
  const runs = history.map(({ startedAt, happenings }, at) => {
    const run = at + 1;
    const code: Sha256[] = [];
    const registered: Sha256[] = [];
    log.atomically(() => {
      insertRun(log, run, { ...ABOUT, startedAt });
      for (const happening of happenings) {
        const { stage, how, pick, register } = happening;
        const earlier = makers.get(stage) ?? [];
        const origin =
          how === 'fresh' ? standing.get(stage) : how === 'cached' ? earlier[pick % (earlier.length || 1)] : undefined;
        if (how === 'ran' || how === 'failed') {
          const made = execute(log, { run, happening, at: startedAt, objects });
          code.push(made.code);
          if (how === 'failed') continue;
          makers.set(stage, [...earlier, made]);
          standing.set(stage, made);
        } else {
          const status = how === 'skipped' || origin === undefined ? 'skipped' : how;
          const turn = { run, stage, key: undefined, why: '', at: startedAt, failure: undefined } as const;
          recordUnexecuted(log, { ...turn, status, origin: status === 'skipped' ? undefined : origin?.id });
          if (status !== 'skipped' && origin !== undefined) standing.set(stage, origin);
        }
        const made = standing.get(stage);
        if (register && how === 'ran' && made !== undefined) {
          const version = { line: stage, version: nextVersion(log, stage), hash: made.out, folder: 'x' };
          insertVersion(log, { ...version, metrics: {}, from: { attempt: made.id }, at: startedAt });
          registered.push(made.out);
        }
      }
      endRun(log, run, { status: 'succeeded', exitCode: 0, endedAt: startedAt });
    });
    return { startedAt, standing: new Map(standing), code, registered };
  });
  return { runs, objects };
}

const ABOUT = {
  parent: undefined,
  round: 0,
  trigger: 'manual',
  verb: 'run',
  pipeline: 'toy',
  profile: undefined,
  overrides: {},
  seed: 1,
  git: undefined,
  host: 'here',
  pid: 1,
  versions: {},
  params: {},
  pipelineText: 'name: toy\n',
} as const;

interface Executing {
  readonly run: number;
  readonly happening: Happening;
  readonly at: number;
  readonly objects: Map<Sha256, number>;
}

function execute(log: RunLog, { run, happening, at, objects }: Executing): Maker {
  const { stage, how, pick } = happening;
  const text = contentText(stage, pick);
  const bundle = codeText(stage, pick);
  const [out, code] = [sha256(text), sha256(bundle)];
  const id = startAttempt(log, {
    run,
    stage,
    number: 1,
    key: `${stage} ${pick}`,
    keyParts: {},
    why: '',
    startedAt: at,
    log: `artifacts/logs/${run}/${stage}.log`,
    code,
    mark: 'm',
  });
  recordCode(log, code, bundle.length, at);
  objects.set(code, bundle.length);
  const use: ArtifactUse = { role: 'out', name: 'out', hash: out, kind: 'file', sizeBytes: text.length, files: 1 };
  if (how === 'ran') {
    recordArtifacts(log, id, [use], at);
    objects.set(out, text.length);
  }
  const status = how === 'ran' ? 'succeeded' : 'failed';
  const nothing = { exitCode: 0, signal: undefined, failure: undefined, cpuMs: undefined, peakMemoryBytes: undefined };
  endAttempt(log, id, { status, endedAt: at, durationMs: 1, ...nothing });
  return { id, out, code };
}
