import type { ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { findVersion } from '../registry/find-version.ts';
import { changeTags, tagsOf } from '../runlog/tags.ts';
import { err, ok, type Result } from '../util/result.ts';
import { actorName } from './actor.ts';
import type { CommonOptions, Io } from './io.ts';
import { withRegistry } from './with-registry.ts';

export interface TagOptions extends CommonOptions {
  readonly line?: string;
  readonly remove?: readonly string[];
}

/** As in MLflow, so that what is tagged there can be tagged here. */
const KEY = /^[A-Za-z0-9_./ -]{1,250}$/;
const LONGEST = 5000;

/** `mlloop tag V key=value …`: notes on a version for people and programs; they change nothing else. */
export function tagVerb(what: string, pairs: readonly string[], options: TagOptions, io: Io): Promise<ExitCode> {
  return withRegistry(options, io, ({ log }) => {
    const found = findVersion(log, what, options.line);
    if (!found.ok) return found;
    const set = readPairs(pairs);
    if (!set.ok) return set;
    const { line, version } = found.value;
    const change = { line, version, set: set.value, remove: options.remove ?? [] };
    return log.atomically(() => {
      const before = tagsOf(log, line, version);
      const absent = change.remove.find((key) => !Object.hasOwn(before, key));
      if (absent !== undefined) {
        const problem = `${line} v${version} has no tag '${absent}'`;
        return err(failure('REGISTRY_TAG', { problem }));
      }
      changeTags(log, { ...change, actor: actorName(), at: io.clock.now() });
      const tags = Object.entries(tagsOf(log, line, version)).map(([key, value]) => `${key}=${value}`);
      return ok(`${line} v${version}: ${tags.join(', ') || 'no tags'}\n`);
    });
  });
}

function readPairs(pairs: readonly string[]): Result<Readonly<Record<string, string>>, Failure> {
  const set = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (at < 0 || !KEY.test(key)) return err(failure('REGISTRY_TAG', { problem: `'${pair}' is not key=value` }));
    if (value.length > LONGEST) {
      const problem = `the value of '${key}' has ${value.length} characters, and ${LONGEST} are the most`;
      return err(failure('REGISTRY_TAG', { problem }));
    }
    set.set(key, value);
  }
  // Of entries, because a key may be one that objects understand otherwise.
  return ok(Object.fromEntries(set));
}
