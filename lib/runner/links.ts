import { copyFileSync, linkSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { failureText } from '../domain/failure.ts';
import type { OutKind } from '../domain/pipeline.ts';
import { faultPoint } from '../util/fault.ts';
import { temporaryBeside } from '../util/fs-atomic.ts';
import { endingOf } from './collect-outs.ts';
import type { RunnerContext } from './runner-context.ts';
import type { StageResult } from './stage-result.ts';
import { writeFault } from './write-fault.ts';

/** Points a link for people at an object, relative, so that the state folder can be moved. Right ones are left alone. */
function linkTo(link: string, target: string): void {
  const wanted = relative(dirname(link), target);
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === wanted) return;
  replace(link, (temporary) => symlinkSync(wanted, temporary));
}

/**
 * Gives an object a second name, with the ending of its kind. Browsers follow a symbolic link and then judge by the object's
 * name, which has no ending: a page would be shown as text.
 */
function nameFile(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false });
  const object = lstatSync(target);
  if (there?.ino === object.ino && there.dev === object.dev) return;
  replace(link, (temporary) => {
    try {
      linkSync(target, temporary);
    } catch (error) {
      // Some file systems have no second names.
      if (!['EPERM', 'ENOTSUP', 'EMLINK', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
      copyFileSync(target, temporary);
    }
  });
}

function replace(link: string, make: (temporary: string) => void): void {
  mkdirSync(dirname(link), { recursive: true });
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isDirectory()) rmSync(link, { recursive: true, force: true });
  const temporary = temporaryBeside(link);
  make(temporary);
  renameSync(temporary, link);
}

export interface ShownOut {
  readonly stage: string;
  readonly out: string;
  readonly kind: OutKind;
  /** Where the object lies. */
  readonly object: string;
}

/** Shows an out to people under STAGE/OUT of a folder, with the ending of its kind. */
export function showOut(folder: string, { stage, out, kind, object }: ShownOut): void {
  const ending = endingOf(kind);
  const show = ending === '' ? linkTo : nameFile;
  show(join(folder, stage, `${out}${ending}`), object);
}

/** Stages of which something was made or put back. */
const HAS_MOVED: readonly string[] = ['succeeded', 'cached'];

/**
 * artifacts/latest/STAGE/OUT, and, where the run moved anything, artifacts/runs/N/STAGE/OUT. runs.db decides what is latest;
 * these only show it, so a disk that has no room for them is no failure.
 */
export function collectLinks(context: RunnerContext, run: number, results: readonly StageResult[]): void {
  const { state, store, pipeline } = context;
  const hasMoved = results.some(({ status }) => HAS_MOVED.includes(status));
  try {
    faultPoint('links.before');
    for (const { stage, outs } of results) {
      const kinds = pipeline.stages.find(({ name }) => name === stage)?.outs ?? {};
      for (const [out, hash] of Object.entries(outs)) {
        const shown = { stage, out, kind: kinds[out] ?? 'folder', object: store.pathOf(hash) };
        showOut(join(state.artifacts, 'latest'), shown);
        if (hasMoved) showOut(join(state.artifacts, 'runs', String(run)), shown);
      }
    }
  } catch (error) {
    context.emit({ type: 'run-warning', text: failureText(writeFault(error, state.artifacts)) });
  }
}
