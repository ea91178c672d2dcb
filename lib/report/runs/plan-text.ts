import { alignColumns } from '../../util/align-columns.ts';

export interface PlanLine {
  readonly stage: string;
  readonly verdict: 'fresh' | 'cached' | 'run' | 'open' | 'skipped' | 'blocked';
  readonly why: string;
}

/** What would be done, in words: nothing has happened yet. */
const WORDS: Readonly<Record<PlanLine['verdict'], string>> = {
  fresh: 'fresh',
  cached: 'restore',
  run: 'run',
  open: 'perhaps',
  skipped: 'skip',
  blocked: 'blocked',
};

/** A line a stage, and what it comes to. */
export function planText(planned: readonly PlanLine[]): string {
  const rows = planned.map(({ stage, verdict, why }) => [stage, WORDS[verdict], why.split('\n')[0] ?? '']);
  const count = (verdict: PlanLine['verdict']): number => planned.filter((one) => one.verdict === verdict).length;
  const parts = [
    [count('run'), 'to run'],
    [count('open'), 'that may have to'],
    [count('cached'), 'to restore'],
    [count('blocked'), 'blocked'],
  ] as const;
  const told = parts.filter(([stages]) => stages > 0).map(([stages, what]) => `${stages} ${what}`);
  const sum = told.length === 0 ? 'Nothing to do.' : `Stages: ${told.join(', ')}.`;
  return `${[...alignColumns(rows), '', sum].join('\n')}\n`;
}
