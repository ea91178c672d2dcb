import type { RuleRecord } from '../../domain/records.ts';
import { outcomeOf, type RetrainResult } from '../../domain/retrain-result.ts';
import { alignColumns } from '../../util/align-columns.ts';

/** What a call came to, on one line. */
export function retrainLine(result: RetrainResult): string {
  const { decision, runs, champion, line } = result;
  const outcome = outcomeOf(result);
  const [run] = runs;
  const which = run === undefined ? '' : ` (run ${run.run})`;
  const live = champion.after === null ? `no model of ${line}` : `${line} v${champion.after}`;
  const stays = `${live} ${champion.after === null ? 'is live' : 'stays'}`;
  switch (outcome) {
    case 'skipped':
      return `skipped: ${decision.reason}`;
    case 'promoted':
      return `promoted: ${live} is live${champion.before === null ? '' : ` instead of v${champion.before}`}${which}`;
    case 'already_live':
      return `already live: the run made the very model that is live, ${live}${which}`;
    case 'unchanged':
      return `unchanged: there was nothing new to learn from, ${stays}${which}`;
    case 'kept': {
      const why = run?.summary.outcome?.reason ?? '';
      return `kept: ${stays}${why === '' ? '' : `, because ${why}`}${which}`;
    }
    case 'refused':
      return `refused: a gate let no model through, ${stays}${which}`;
    case 'failed':
      if (decision.verdict === 'failed') return `failed: ${decision.reason}, ${stays}`;
      return run === undefined ? `failed: no run came to its end` : `failed: exit ${result.exitCode}, ${stays}${which}`;
  }
}

/** Every rule with what it saw. */
export function rulesText({ decision }: RetrainResult): string {
  const row =
    (fires: string) =>
    ({ name, fired, note }: RuleRecord): string[] => [`  ${name}`, fired ? fires : '-', note];
  const rows = [...decision.triggers.map(row('fired')), ...decision.brakes.map(row('holds'))];
  return alignColumns(rows).join('\n');
}
