import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Windows a rule may look back on. */
export const MOST_WINDOWS = 20;

/** What of the live side asks for another model: params of iterate, and of `retrain` in pipeline.yaml. */
export const RULES = Type.Object(
  {
    accuracyBelow: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Fires when the 95 % interval of the accuracy on labelled answers lies below this; alone it also takes 100 new labels.',
      }),
    ),
    newLabels: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Fires when so many labels wait that no run has learned from.' }),
    ),
    drift: Type.Optional(
      Type.Object(
        {
          windows: Type.Integer({ minimum: 2, maximum: MOST_WINDOWS, description: 'Windows that have to drift.' }),
          of: Type.Integer({ minimum: 2, maximum: MOST_WINDOWS, description: 'Of how many, the newest.' }),
        },
        {
          ...closed,
          // More windows than are looked at would never drift.
          notAbove: { windows: 'of' },
          description: 'Fires when several of the last windows drift; a single one is no reason.',
        },
      ),
    ),
  },
  closed,
);

export type Rules = Static<typeof RULES>;
