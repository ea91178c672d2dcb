import { type Static, Type } from 'typebox';

/** What of the live side asks for another model: params of iterate, and of `retrain` in pipeline.yaml. */
export const RULES = Type.Object(
  {
    accuracyBelow: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Fires when the accuracy on labelled answers is below this and there are labels enough to say so.',
      }),
    ),
    newLabels: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Fires when at least this many labels wait that no run has learned from.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type Rules = Static<typeof RULES>;
