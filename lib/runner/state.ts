import { join } from 'node:path';

/** Where everything a project remembers lies: runs.db and artifacts/. */
export interface StateFolder {
  readonly folder: string;
  readonly database: string;
  readonly artifacts: string;
  readonly objects: string;
  readonly lock: string;
  /** What was found out before. */
  readonly memo: string;
  /** The folder a stage's outs are made in; in the file system of the store, so that they can be moved there. */
  temporaryOf(run: number, stage: string): string;
  logOf(run: number, stage: string): string;
}

export function stateFolder(folder: string): StateFolder {
  const artifacts = join(folder, 'artifacts');
  return {
    folder,
    database: join(folder, 'runs.db'),
    artifacts,
    objects: join(artifacts, 'objects'),
    lock: join(artifacts, 'lock.db'),
    memo: join(artifacts, 'cache', 'memo'),
    temporaryOf: (run, stage) => join(artifacts, 'tmp', `${run}-${stage}`),
    logOf: (run, stage) => join(artifacts, 'logs', String(run), `${stage}.log`),
  };
}
