import { existsSync, readdirSync } from 'node:fs';
import { anyObject } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import type { StateFolder } from './state.ts';

/** A warning for a log that was brought here without the store it knows of, or whose store somebody took away: once, not a stage. */
export function lostObjectsWarnings(log: RunLog, { objects }: StateFolder): readonly string[] {
  if (existsSync(objects) && readdirSync(objects).length > 0) return [];
  if (!anyObject(log)) return [];
  return [
    'runs.db knows of what was made, but artifacts/objects is not there: it is made again. Nothing on record is lost; to spare the time, stop, and bring artifacts/ back.',
  ];
}
