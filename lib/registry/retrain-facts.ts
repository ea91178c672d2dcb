import { EXIT } from '../domain/exit-code.ts';
import { modelLine } from '../domain/line.ts';
import type { RunLog } from '../runlog/open.ts';
import { aliasedVersion } from '../runlog/registry.ts';
import { lastRetraining, lastTested, wasGenerated } from '../runlog/retrain.ts';
import { CHAMPION } from './answers.ts';

/** A champion, and when it was put live or last held against another model, in milliseconds since the epoch. */
export interface TestedChampion {
  readonly version: number;
  readonly testedAt: number;
}

/**
 * The line of models that retraining with a profile is about: that of its last run; of a profile that did not run yet the real
 * one, or that of generated data where there is no other.
 */
export function retrainedLine(log: RunLog, pipeline: string, profile: string | undefined): string {
  const generated = wasGenerated(log, profile);
  if (generated !== undefined) return modelLine(pipeline, generated);
  const demo = modelLine(pipeline, true);
  const hasReal = aliasedVersion(log, modelLine(pipeline, false), CHAMPION) !== undefined;
  return !hasReal && aliasedVersion(log, demo, CHAMPION) !== undefined ? demo : modelLine(pipeline, false);
}

/** The last run a decision started, and whether it came to a verdict: gates that refuse are one, too. */
export function lastRetrainingOf(
  log: RunLog,
  line: string,
): { readonly at: number; readonly run: number | null; readonly ended: 'verdict' | 'failed' } | null {
  const row = lastRetraining(log, line);
  if (row === undefined) return null;
  const isVerdict = row.exitCode === EXIT.done || row.exitCode === EXIT.refused;
  return { at: row.at, run: row.run, ended: isVerdict ? 'verdict' : 'failed' };
}

/** A retraining that came to a verdict tests the champion even where it made the very same model again. */
export function testedChampion(log: RunLog, line: string): TestedChampion | null {
  const version = aliasedVersion(log, line, CHAMPION)?.version;
  if (version === undefined) return null;
  const last = lastRetrainingOf(log, line);
  const retrainedAt = last?.ended === 'verdict' ? last.at : 0;
  return { version, testedAt: Math.max(lastTested(log, line, CHAMPION) ?? 0, retrainedAt) };
}
