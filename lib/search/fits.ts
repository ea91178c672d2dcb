import type { Settings } from '../ml/settings.ts';
import { canonicalJson, type Json } from '../util/json.ts';

/** Candidates that one fit serves, because they differ in nothing but their epochs. */
export interface SharedFit {
  /** The setting with the most epochs of them. */
  readonly settings: Settings;
  /** What the seed of the fit is made of, beside the search's own. */
  readonly content: string;
  /** Indices of the candidates, ascending by epochs. */
  readonly members: readonly number[];
}

/**
 * Whether a fit of more epochs is the same fit up to here: nothing in it may look at how many epochs there will be, and nothing
 * may go back to the weights of another epoch.
 */
const isPrefix = ({ schedule, patience }: Settings): boolean => schedule.type !== 'cosine' && patience === 0;

/** One fit for candidates whose answers it gives exactly, each in the place of the first of them. */
export function shareFits(tried: readonly Settings[]): readonly SharedFit[] {
  const groups = new Map<string, number[]>();
  tried.forEach((settings, index) => {
    const content = contentOf(settings);
    groups.set(content, [...(groups.get(content) ?? []), index]);
  });
  return [...groups].map(([content, indices]) => {
    const epochsOf = (index: number): number => tried[index]?.epochs ?? 0;
    const members = [...indices].sort((a, b) => epochsOf(a) - epochsOf(b));
    return { settings: tried[members.at(-1) ?? 0] as Settings, content, members };
  });
}

function contentOf(settings: Settings): string {
  const { epochs: _, ...others } = settings;
  return canonicalJson((isPrefix(settings) ? others : settings) as Json);
}
