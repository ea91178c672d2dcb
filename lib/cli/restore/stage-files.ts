import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { bundleStage, layOutBundle } from '../../cache/bundle.ts';
import type { Store } from '../../cache/store.ts';
import { failureText } from '../../domain/failure.ts';
import type { Stage } from '../../domain/pipeline.ts';
import type { StandingStage } from '../../runlog/restore.ts';
import { isOwnPlace } from '../../runner/restore-data.ts';

export interface StageFilesOptions {
  readonly standing: ReadonlyMap<string, StandingStage>;
  readonly store: Store;
  readonly root: string;
  /** The folder of mlloop's own package. */
  readonly home: string;
  /** Where they are laid out. */
  readonly folder: string;
  /** Places in it that are taken by what stages read. */
  readonly taken: readonly string[];
}

export interface StageFiles {
  /** Stages whose file had to get another name, and that name. */
  readonly files: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Lays out the bundle of every stage under the name pipeline.yaml gives it; the store was seen to hold them. */
export async function layOutStages(stages: readonly Stage[], options: StageFilesOptions): Promise<StageFiles> {
  const { standing, store, root, home, folder, taken } = options;
  const files: Record<string, string> = {};
  const notes: string[] = [];
  const texts = new Map<string, string>();
  for (const { name, action } of stages) {
    if (action.kind === 'program') continue;
    const hash = standing.get(name)?.code ?? undefined;
    let code: string;
    if (hash !== undefined) code = readFileSync(store.pathOf(hash), 'utf8');
    else {
      const bundle = await bundleStage({ root, file: action.file, home });
      if (!bundle.ok) {
        notes.push(
          `the code of ${name} is not on record, and that of now cannot be had: ${failureText(bundle.failure)}`,
        );
        continue;
      }
      notes.push(`the code of ${name} is not on record: it was not executed until then, so that of now is laid out`);
      ({ code } = bundle.value);
    }
    const text = layOutBundle(code);
    const isFree = (file: string): boolean =>
      isOwnPlace(file) &&
      (texts.get(normalize(file)) ?? text) === text &&
      !taken.some((place) => `${normalize(file)}${sep}`.startsWith(`${place}${sep}`));
    const file = [action.file, `stages/${name}.ts`, `restored/${name}.ts`].find(isFree) ?? `restored/${name}-code.ts`;
    if (file !== action.file) files[name] = file;
    texts.set(normalize(file), text);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return { files, notes };
}
