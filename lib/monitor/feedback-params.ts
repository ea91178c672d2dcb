import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Params of a stage that takes in feedback. */
export const FEEDBACK_PARAMS = Type.Object(
  {
    simulate: Type.Optional(
      Type.Object(
        {
          rows: Type.Integer({ minimum: 1, description: 'Rows of the live split to replay through the champion.' }),
          world: Type.Optional(
            Type.Object(
              {
                after: Type.Integer({
                  minimum: 0,
                  description: 'Rows the first version sees before the world changes.',
                }),
                rotate: Type.Optional(
                  Type.Number({ minimum: -180, maximum: 180, description: 'Degrees every image is turned by then.' }),
                ),
                noise: Type.Optional(
                  Type.Number({
                    minimum: 0,
                    maximum: 1,
                    description: 'Standard deviation of the noise on every pixel.',
                  }),
                ),
              },
              { ...closed, description: 'A change to what is replayed, to see the loop close.' },
            ),
          ),
        },
        closed,
      ),
    ),
    drift: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 0.5,
              description: 'Share of windows without drift that may alarm all the same (default: 0.01).',
            }),
          ),
          rows: Type.Optional(
            Type.Integer({ minimum: 500, maximum: 100000, description: 'Rows of a window (default: 1000).' }),
          ),
          features: Type.Optional(
            Type.Boolean({
              description: 'Whether every feature is looked at, too, to see where rows have moved (default: false).',
            }),
          ),
        },
        { ...closed, description: 'How live answers are compared with those to the test set.' },
      ),
    ),
  },
  closed,
);

export type FeedbackParams = Static<typeof FEEDBACK_PARAMS>;
