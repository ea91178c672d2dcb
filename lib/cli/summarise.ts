import { relative } from 'node:path';
import { modelLine } from '../domain/line.ts';
import type { KeepPolicy } from '../domain/pipeline.ts';
import type { RunSummary } from '../domain/summary.ts';
import { championOf } from '../registry/answers.ts';
import { summaryOf } from '../report/runs/summary.ts';
import { freeableBytes, keptRuns } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import { readRun } from '../runlog/read-run.ts';
import { addedBytes, artifactBytes, lastRuns } from '../runlog/runs.ts';
import type { StateFolder } from '../runner/state.ts';
import { whereOptions } from './project.ts';

export interface SummariseOptions {
  readonly log: RunLog;
  readonly run: number;
  readonly state: StateFolder;
  readonly root: string;
  readonly cwd: string;
  readonly keep: KeepPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A run's summary, with what the log and the registry know around it. */
export function summarise({ log, run, state, root, cwd, keep, now }: SummariseOptions): RunSummary {
  const view = readRun(log, run);
  if (view === undefined) throw new Error(`run ${run} is not in ${log.file}`);
  const generated = (view.used.dataset as { readonly generated?: boolean } | null)?.generated ?? false;
  const champion = championOf(log, state.folder, modelLine(view.pipeline, generated));
  const pages = view.artifacts
    .filter(({ kind }) => kind === 'html')
    .map(({ stage, name }) => relative(cwd, `${state.artifacts}/latest/${stage}/${name}.html`));
  const previousRun = lastRuns(log, 2).find((number) => number < run) ?? null;
  const artifacts = {
    all: artifactBytes(log),
    added: addedBytes(log, run),
    freeable: freeableBytes(log, keptRuns(log, keep, now)),
  };
  const parent = typeof view.parent === 'number' ? readRun(log, view.parent) : undefined;
  const where = whereOptions({ root, state }, cwd);
  return summaryOf(view, { champion, artifacts, pages, previousRun, where, parent });
}
