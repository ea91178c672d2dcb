import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The artifacts of all runs of a repository: a folder each. */
export interface ArtifactStore {
  readonly folder: string;
  put(run: number, name: string, workspace: string, paths: readonly string[]): number;
  get(run: number, name: string, into: string): void;
  names(run: number): string[];
  path(run: number, name: string, file: string): string;
  remove(run: number, name: string): void;
}

export function artifactStore(folder: string): ArtifactStore {
  const of = (run: number, name: string): string => join(folder, String(run), name);
  return {
    folder,
    put: (run, name, workspace, paths) => {
      rmSync(of(run, name), { recursive: true, force: true });
      const there = paths.filter((path) => existsSync(join(workspace, path)));
      for (const path of there) {
        mkdirSync(of(run, name), { recursive: true });
        // One path alone loses its folders, and a folder is what is in it.
        cpSync(
          join(workspace, path),
          join(of(run, name), paths.length === 1 && path === 'model' ? '' : basename(path)),
          {
            recursive: true,
            dereference: true,
          },
        );
      }
      return there.length;
    },
    get: (run, name, into) => {
      mkdirSync(into, { recursive: true });
      cpSync(of(run, name), into, { recursive: true });
    },
    names: (run) => (existsSync(join(folder, String(run))) ? readdirSync(join(folder, String(run))) : []),
    path: (run, name, file) => join(of(run, name), file),
    remove: (run, name) => rmSync(of(run, name), { recursive: true }),
  };
}
