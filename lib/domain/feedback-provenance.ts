import type { DatasetMeta } from './dataset.ts';

interface Described {
  readonly meta: Pick<DatasetMeta, 'provenance'>;
}

/** What provenance calls it. */
export const FEEDBACK = { real: 'feedback', simulated: 'simulated feedback' } as const;

/** Whether rows are feedback of which some was simulated. */
export const isSimulated = ({ meta }: Described): boolean =>
  meta.provenance.some(({ source }) => source === FEEDBACK.simulated);

/** How many rows are feedback, real or simulated. */
export const countFeedback = ({ meta }: Described): number =>
  meta.provenance.reduce(
    (sum, { source, rows }) => sum + (source === FEEDBACK.real || source === FEEDBACK.simulated ? rows : 0),
    0,
  );
