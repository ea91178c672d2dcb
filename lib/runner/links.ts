import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryBeside } from '../util/fs-atomic.ts';

/** Points a link for people at an object, relative, so that the state folder can be moved. Right ones are left alone. */
export function linkTo(link: string, target: string): void {
  const wanted = relative(dirname(link), target);
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === wanted) return;
  mkdirSync(dirname(link), { recursive: true });
  if (there !== undefined && !there.isSymbolicLink()) rmSync(link, { recursive: true, force: true });
  const temporary = temporaryBeside(link);
  symlinkSync(wanted, temporary);
  renameSync(temporary, link);
}

export interface StageLinks {
  readonly artifacts: string;
  readonly run: number;
  readonly stage: string;
  /** Path of the object of every out, by name. */
  readonly outs: Readonly<Record<string, string>>;
  /** Ending of a link's name by out, so that a browser knows what it opens. */
  readonly endings: Readonly<Record<string, string>>;
}

/** artifacts/runs/N/STAGE/OUT and artifacts/latest/STAGE/OUT. runs.db decides what is latest; these only show it. */
export function linkOuts({ artifacts, run, stage, outs, endings }: StageLinks): void {
  for (const [name, object] of Object.entries(outs)) {
    const shown = `${name}${endings[name] ?? ''}`;
    linkTo(join(artifacts, 'runs', String(run), stage, shown), object);
    linkTo(join(artifacts, 'latest', stage, shown), object);
  }
}
