import { outcomeOf, type RetrainResult } from '../../domain/retrain-result.ts';

/** Raised when a reader of an earlier result would misread one. */
const FORMAT_VERSION = 1;

/** The same for programs. */
export function retrainJson(result: RetrainResult): string {
  const { line, asked, profile, at, id, decision, runs, champion, exitCode } = result;
  const value = {
    format: 'mlloop-retrain',
    formatVersion: FORMAT_VERSION,
    outcome: outcomeOf(result),
    decidedAt: new Date(at).toISOString(),
    id,
    line,
    asked,
    profile,
    ...decision,
    champion,
    exitCode,
    runs: runs.map(({ summary: { dataset, models, gates, outcome, notes }, ...run }) => ({
      ...run,
      dataset,
      models,
      gates,
      outcome,
      notes,
    })),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Values for later steps of a GitHub job, by name. */
export function retrainOutputs(result: RetrainResult): Readonly<Record<string, string>> {
  const { line, decision, runs, champion, exitCode } = result;
  return {
    outcome: outcomeOf(result),
    reason: decision.reason,
    line,
    run: String(runs[0]?.run ?? ''),
    version: String(champion.after ?? ''),
    promoted: String(champion.after !== champion.before),
    exit_code: String(exitCode),
  };
}
