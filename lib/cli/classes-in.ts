import type { ClassesOf } from '../registry/give-labels.ts';
import type { RunLog } from '../runlog/open.ts';
import { readShape } from './shapes-in.ts';

/** Class names by the model cards of registered versions; each is read once. */
export function classesIn(log: RunLog, state: string): ClassesOf {
  const known = new Map<string, readonly string[]>();
  return (line, version) => {
    const name = `${line} v${version}`;
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const classes = readShape(log, state, { line, version })?.classes ?? [];
    // A folder that is gone may come back.
    if (classes.length > 0) known.set(name, classes);
    return classes;
  };
}
