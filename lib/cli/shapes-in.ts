import { join } from 'node:path';
import type { ModelShape, ShapeOf } from '../exchange/feedback/import-feedback.ts';
import { readModelCard } from '../ml/model-card.ts';
import type { RunLog } from '../runlog/open.ts';
import { registeredVersion } from '../runlog/registry.ts';

/** Classes and width of registered versions, by their model cards; each is read once. */
export function shapesIn(log: RunLog, state: string): ShapeOf {
  const known = new Map<string, ModelShape>();
  return (line, version) => {
    const name = `${line} v${version}`;
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const shape = readShape(log, state, { line, version }) ?? { classes: [], features: undefined };
    known.set(name, shape);
    return shape;
  };
}

interface VersionName {
  readonly line: string;
  readonly version: number;
}

/** Classes and width of a registered version; undefined where its folder is gone or damaged. */
export function readShape(log: RunLog, state: string, { line, version }: VersionName): ModelShape | undefined {
  const folder = registeredVersion(log, line, version)?.folder;
  const card = folder === undefined ? undefined : readModelCard(join(state, folder));
  if (!card?.ok) return undefined;
  const { classes, spec } = card.value;
  return { classes, features: spec?.input?.reduce((product, size) => product * size, 1) };
}
