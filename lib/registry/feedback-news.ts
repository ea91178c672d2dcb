import type { FeedbackState } from '../domain/questions.ts';
import { acceptedCuts, proposedCuts } from '../runlog/cuts.ts';
import { countLabelledSince } from '../runlog/feedback.ts';
import type { RunLog } from '../runlog/open.ts';

/**
 * Labels of a line that could teach something: those that came since the newest cut, and those that were in it and that a refused
 * run gave back. What was refused is no news by itself, or it would be refused for ever.
 */
export function countNews(log: RunLog, line: string): Pick<FeedbackState, 'fresh' | 'givenBack'> {
  const proposed = proposedCuts(log).find((cut) => cut.line === line);
  const fresh = countLabelledSince(log, line, proposed?.lastLabel ?? 0);
  if (proposed?.outcome !== 'given_back') return { fresh, givenBack: { real: 0, simulated: 0 } };
  const accepted = acceptedCuts(log).find((cut) => cut.line === line);
  const all = countLabelledSince(log, line, accepted?.lastLabel ?? 0);
  // A label that was changed and changed back is no news beside what was accepted, and is one beside what was refused.
  const rest = (kind: 'real' | 'simulated'): number => Math.max(0, all[kind] - fresh[kind]);
  return { fresh, givenBack: { real: rest('real'), simulated: rest('simulated') } };
}
