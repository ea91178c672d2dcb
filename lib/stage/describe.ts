import { READ_NAMES } from '../domain/questions.ts';
import type { StageDescription } from '../domain/stage.ts';
import type { JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';

/** What a bundle's exports say of the stage, or why they are not those of a stage. */
export function describeStage(exports: Readonly<Record<string, unknown>>): Result<StageDescription, string> {
  const definition = exports['default'];
  if (typeof definition !== 'object' || definition === null) return err('it has no default export');
  const { params, reads = [], effects = false, run } = definition as Readonly<Record<string, unknown>>;
  if (typeof run !== 'function') return err('its default export has no run function');
  if (typeof params !== 'object' || params === null) return err('its default export has no params schema');
  if (!Array.isArray(reads)) return err('its reads are not a list');
  const unknown = reads.find((read) => !(READ_NAMES as readonly unknown[]).includes(read));
  if (unknown !== undefined) return err(`it reads '${String(unknown)}', which is none of ${READ_NAMES.join(', ')}`);
  const tasks = exports['tasks'];
  return ok({
    paramsSchema: JSON.parse(JSON.stringify(params)) as JsonObject,
    reads: reads as StageDescription['reads'],
    effects: effects === true,
    tasks: typeof tasks === 'object' && tasks !== null ? Object.keys(tasks).sort() : [],
  });
}
