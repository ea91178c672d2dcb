import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Limit = Type.Object({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }, closed);

const limit = (description: string) => Type.Optional(Type.Unsafe<Static<typeof Limit>>({ ...Limit, description }));

/** Params of the absolute gate: limits by name. */
export const LIMITS = Type.Object(
  {
    accuracy: limit('Of the frozen test set.'),
    macroF1: limit('Mean over the classes.'),
    recall: limit('Of every class.'),
    precision: limit('Of every class.'),
    f1: limit('Of every class.'),
    calibrationError: limit('Expected calibration error, in 15 bands.'),
    logLoss: limit('Mean over the test rows, natural logarithm.'),
    sizeBytes: limit('All files of the model.'),
    latencyP50Ms: limit('Milliseconds for one row on this machine: half of the calls take less.'),
    latencyP99Ms: limit('Milliseconds for one row on this machine: 99 of 100 calls take less.'),
  },
  { additionalProperties: Limit, description: 'What a model has to reach by itself; any number of the evaluation.' },
);

/** Params of the serving gate. */
export const SERVING_BUDGET = Type.Object(
  {
    latencyP50Ms: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Milliseconds for one row over HTTP on this machine that half of the requests may take (default: 200).',
      }),
    ),
    latencyP99Ms: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'The same for 99 of 100 requests (default: any).' }),
    ),
  },
  { ...closed, description: 'How fast the model has to answer when it is served.' },
);

/** Params of the champion gate. */
export const CHAMPION_POLICY = Type.Object(
  {
    require: Type.Optional(
      Type.Union([Type.Literal('better'), Type.Literal('not worse')], {
        description: 'What has to be proven to take the champion’s place (default: better).',
      }),
    ),
    margin: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'How much worse is still not worse (default: 0.002).' }),
    ),
    classMargin: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'The same for each class’s recall (default: 0.01).' }),
    ),
    confidence: Type.Optional(
      Type.Number({ minimum: 0.5, maximum: 0.9999, description: 'Of what is proven (default: 0.95).' }),
    ),
    metric: Type.Optional(
      Type.Union([Type.Literal('accuracy'), Type.Literal('macroF1')], {
        description: 'What is compared (default: accuracy). macroF1 gets its interval from a seeded bootstrap.',
      }),
    ),
    feedback: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Newest rows labelled by people to compare on (default: 2000).' }),
    ),
  },
  { ...closed, description: 'How the model is compared with the one that is live.' },
);

/** The policy with what was left out filled in. */
export const filledPolicy = (
  declared: Static<typeof CHAMPION_POLICY> = {},
): Required<Static<typeof CHAMPION_POLICY>> => ({
  require: 'better',
  margin: 0.002,
  classMargin: 0.01,
  confidence: 0.95,
  metric: 'accuracy',
  feedback: 2000,
  ...declared,
});
