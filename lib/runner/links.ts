import { copyFileSync, linkSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryBeside } from '../util/fs-atomic.ts';

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
    const ending = endings[name] ?? '';
    const show = ending === '' ? linkTo : nameFile;
    show(join(artifacts, 'runs', String(run), stage, `${name}${ending}`), object);
    show(join(artifacts, 'latest', stage, `${name}${ending}`), object);
  }
}
