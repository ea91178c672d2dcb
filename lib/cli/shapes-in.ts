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
    const folder = registeredVersion(log, line, version)?.folder;
    const card = folder === undefined ? undefined : readModelCard(join(state, folder));
    const shape = card?.ok
      ? { classes: card.value.classes, features: card.value.spec?.input?.reduce((product, size) => product * size, 1) }
      : { classes: [], features: undefined };
    known.set(name, shape);
    return shape;
  };
}
