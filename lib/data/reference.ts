import type { DataReference } from '../domain/data-profile.ts';
import { failureText } from '../domain/failure.ts';
import type { ChampionAnswer } from '../domain/questions.ts';
import { openDataset } from './dataset.ts';
import { datasetStatistics } from './statistics.ts';

/** What the champion's training rows are like; where there are none to look at, why. */
export function dataReference(champion: ChampionAnswer | null): DataReference {
  if (champion === null) {
    return { kind: 'none', verdict: 'first_model', note: 'nothing is live yet whose rows these could be held against' };
  }
  const name = `${champion.line} v${champion.version}`;
  const none = (note: string): DataReference => ({ kind: 'none', verdict: 'no_reference', note });
  const [folder] = champion.learnedFrom;
  if (folder === undefined) return none(`what ${name} learned from is not on record, or no longer in the store`);
  const opened = openDataset(folder);
  if (!opened.ok) return none(`what ${name} learned from cannot be read: ${failureText(opened.failure)}`);
  return { kind: 'statistics', statistics: datasetStatistics(opened.value) };
}
