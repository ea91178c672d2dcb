import { Type } from 'typebox';
import type { DataLimit } from '../../domain/data-profile.ts';

const closed = { additionalProperties: false } as const;

/** One check of the data: on which side its limits lie, and where they usually do. */
export interface DataCheck extends DataLimit {
  readonly limit: 'min' | 'max';
  /** What the value is. */
  readonly about: string;
}

/** Every check there is, in the order they are shown. Those of the second half need a reference. */
export const DATA_CHECKS = {
  missing: { limit: 'max', error: 0, about: 'Share of values that are no number.' },
  badLabels: { limit: 'max', warn: 0, error: 0.05, about: 'Share of the rows whose label is no class.' },
  blank: { limit: 'max', warn: 0.01, error: 0.2, about: 'Share of the rows that are one single value.' },
  duplicates: { limit: 'max', warn: 0.02, error: 0.5, about: 'Share of the rows that another row repeats.' },
  conflicts: { limit: 'max', warn: 0.001, error: 0.05, about: 'Share of the rows another row contradicts.' },
  trainAlsoInTest: {
    limit: 'max',
    warn: 0.001,
    error: 0.2,
    about: 'Share of the rows that are test rows, too: taken out.',
  },
  leakage: { limit: 'max', error: 0, about: 'Test rows that a training row repeats, after all cleaning.' },
  rarestClass: { limit: 'min', warn: 0.2, about: 'Rows of the rarest class, 1 where all have as many.' },
  testClasses: { limit: 'max', warn: 0.1, about: 'How far the classes of test and training rows are apart.' },
  testValues: { limit: 'max', warn: 0.1, about: 'How far the values of test and training rows are apart.' },
  schema: { limit: 'max', error: 0, about: 'Features, types, shapes and classes that differ from the reference.' },
  rows: { limit: 'min', warn: 0.5, about: 'Training rows, as a share of the reference’s.' },
  range: {
    limit: 'max',
    warn: 0.1,
    error: 1,
    about: 'How far values lie outside the range there was, in such ranges.',
  },
  values: { limit: 'max', warn: 0.1, error: 0.2, about: 'How far the values have moved, in standard deviations.' },
  layout: { limit: 'max', warn: 0.06, error: 0.12, about: 'How far the mean of a position has moved, the same.' },
  classBalance: { limit: 'max', warn: 0.05, error: 0.2, about: 'Share of the rows that would have to change class.' },
} as const satisfies Readonly<Record<string, DataCheck>>;

export type DataCheckName = keyof typeof DATA_CHECKS;

const limitsOf = (check: DataCheck) =>
  Type.Optional(
    Type.Object(
      {
        warn: Type.Optional(Type.Number({ description: 'Beyond this it is told.' })),
        error: Type.Optional(Type.Number({ description: 'Beyond this the run ends.' })),
      },
      { ...closed, description: `${check.about} ${usually(check)}` },
    ),
  );

function usually({ limit, warn, error }: DataCheck): string {
  const word = limit === 'max' ? 'at most' : 'at least';
  const parts = [...(warn === undefined ? [] : [`warn ${warn}`]), ...(error === undefined ? [] : [`error ${error}`])];
  return `Usually ${word}: ${parts.join(', ')}.`;
}

/** Params of the data gate: limits by check, where they differ from the usual ones. */
export const DATA_LIMITS = Type.Object(
  Object.fromEntries(Object.entries(DATA_CHECKS).map(([name, check]) => [name, limitsOf(check)])),
  { ...closed, description: 'Limits of the data gate that differ from the usual ones.' },
);
