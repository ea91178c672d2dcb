import { type Failure, failure } from '../domain/failure.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import type { Locator } from './diagnose.ts';
import type { KeyPath } from './source.ts';

/** Numbers that YAML has and JSON has not; a key, and the log, could not hold them. */
export function notFinite(value: Json, locator: Locator, path: KeyPath = []): Failure[] {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const seen = Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
    const shown = path[0] === 'stages' ? path.slice(1) : path;
    const problem = `has to be a finite number, but is ${seen}`;
    return [failure('CONFIG_INVALID', { path: shown.join('.'), problem }, locator.placeOf(path))];
  }
  const inside: (readonly [string | number, Json])[] = Array.isArray(value)
    ? [...(value as readonly Json[]).entries()]
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  return inside.flatMap(([key, one]) => notFinite(one, locator, [...path, key]));
}
