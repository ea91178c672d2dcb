import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { readsOf } from '../runner/stage-code.ts';
import type { Workbench } from './workbench.ts';

/** What a person said with --override: why the run's model is to go live whatever the gates say. */
export interface Override {
  readonly reason: string;
  /** Stages that have to execute for it: they ask for it, and what they did without it would stand. */
  readonly stages: readonly string[];
}

/** Reads the option's text; one without a reason, or for stages none of which asks, would do nothing. */
export function readOverride(text: string, { prepared }: Workbench, stages: readonly Stage[]): Override | Failure {
  // One line: it stands in one of the ledger.
  const reason = text.trim().replace(/\s+/g, ' ');
  if (reason === '') {
    const next = 'Type: npm run pipeline -- --override "the test set has wrong labels, see issue 12"';
    return failure('USAGE', { problem: '--override needs a reason: it stands in the ledger for good.', next });
  }
  const asking = stages.filter(({ name }) => {
    const code = prepared.code.get(name);
    return code?.kind === 'module' && code.description.effects && readsOf(code).includes('override');
  });
  if (asking.length > 0) return { reason, stages: asking.map(({ name }) => name) };
  const names = stages.map(({ name }) => name).join(', ');
  const problem = `--override has nothing to override: none of the stages ${names} deploys.`;
  return failure('USAGE', { problem, next: 'Leave it out, or choose stages that reach the deployment.' });
}
