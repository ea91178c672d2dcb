import { constants, cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { contentOf, readContent } from '../cache/content.ts';
import { noMemo } from '../cache/memo.ts';
import type { Store } from '../cache/store.ts';
import type { Dep, Stage } from '../domain/pipeline.ts';
import type { StandingStage } from '../runlog/restore.ts';
import type { Sha256 } from '../util/hash.ts';
import { expandVariables } from './environment.ts';

/** Where the file system can share the bytes of a copy until one of them is changed, it does. */
const COPY = { recursive: true, dereference: true, mode: constants.COPYFILE_FICLONE } as const;

/** Copies an object from store to store; what is wrong with it, or undefined when the copy is what its name says. */
export async function copyObject(from: Store, to: Store, hash: Sha256): Promise<'missing' | 'damaged' | undefined> {
  if (!from.has(hash)) return 'missing';
  mkdirSync(dirname(to.pathOf(hash)), { recursive: true });
  cpSync(from.pathOf(hash), to.pathOf(hash), COPY);
  return (await contentOf(to.pathOf(hash))).hash === hash ? undefined : 'damaged';
}

/** A path of the project that is laid out, too: relative, and not a place that is filled by something else. */
export function isOwnPlace(place: string): boolean {
  const path = normalize(place);
  if (isAbsolute(path) || place.includes('$')) return false;
  const [top = ''] = path.split(sep);
  return !['', '.', '..', 'pipeline.yaml', 'runs.db', 'artifacts', 'node_modules'].includes(top);
}

export interface PathSources {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder they are copied into. */
  readonly folder: string;
}

/** What became of the paths that stages read. */
export interface CopiedPaths {
  /** Relative to the folder. */
  readonly places: readonly string[];
  /** What a person should know of those that were not copied. */
  readonly notes: readonly string[];
}

/** Copies what stages read outside the store, as far as it still is what it was. */
export async function copyPaths(
  stages: readonly Stage[],
  standing: ReadonlyMap<string, StandingStage>,
  sources: PathSources,
): Promise<CopiedPaths> {
  const places = new Map<string, Sha256>();
  const notes: string[] = [];
  for (const stage of stages) {
    for (const recorded of standing.get(stage.name)?.paths ?? []) {
      const dep = stage.deps[recorded.name];
      if (dep?.kind !== 'path') continue;
      const what = `${stage.name} read ${recorded.place ?? dep.candidates[0]} (${recorded.hash.slice(0, 12)})`;
      const source = await findSource(dep, recorded, sources);
      if (source === undefined) {
        notes.push(
          `${what}, which has changed or is gone since: it is not laid out, and ${stage.name} will not be fresh`,
        );
        continue;
      }
      const place = dep.candidates.find(isOwnPlace);
      if (place === undefined) notes.push(`${what} from outside the project: it is read from there again`);
      else if ((places.get(normalize(place)) ?? recorded.hash) !== recorded.hash) {
        notes.push(`${what}, in whose place another stage read something else: ${stage.name} will not be fresh`);
      } else if (!places.has(normalize(place))) {
        places.set(normalize(place), recorded.hash);
        mkdirSync(dirname(join(sources.folder, place)), { recursive: true });
        cpSync(source, join(sources.folder, place), COPY);
      }
    }
  }
  return { places: [...places.keys()], notes };
}

type PathDep = Extract<Dep, { readonly kind: 'path' }>;

/** Where the recorded content lies now: where it lay then, or else in another place the dep names. */
async function findSource(
  { candidates }: PathDep,
  { hash, place }: StandingStage['paths'][number],
  { root, env }: PathSources,
): Promise<string | undefined> {
  for (const candidate of new Set([...(place === null ? [] : [place]), ...candidates])) {
    const expanded = expandVariables(candidate, env);
    const path = expanded === undefined ? undefined : resolve(root, expanded);
    if (path === undefined || !existsSync(path)) continue;
    const content = await readContent(path, noMemo);
    if (content.ok && content.value.hash === hash) return path;
  }
  return undefined;
}
