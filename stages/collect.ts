import { type Dataset, saveDataset, selectRows } from 'mlloop/data/dataset';
import { appendFeedback, feedbackAlone, type LearnableRow, learnableRows } from 'mlloop/data/feedback-rows';
import { withLicence } from 'mlloop/data/licence';
import { limitRows } from 'mlloop/data/partition';
import { SPLIT } from 'mlloop/data/row-ids';
import { type SortedFeedback, sortFeedback } from 'mlloop/data/sort-feedback';
import { readSource, type SourceName, type SourceOptions } from 'mlloop/data/sources';
import { unseenRows } from 'mlloop/data/unseen-rows';
import { failureText } from 'mlloop/domain/failure';
import { modelLine } from 'mlloop/domain/line';
import { orRaise } from 'mlloop/domain/raised';
import type { StageContext } from 'mlloop/domain/stage';
import { defineStage } from 'mlloop/stage/define-stage';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 1 });

const Params = Type.Object(
  {
    source: Type.Union([
      Type.Literal('mnist'),
      Type.Literal('synthetic-digits'),
      Type.Literal('idx'),
      Type.Literal('images'),
    ]),
    /** Used when MNIST can be had nowhere; without it that is a failure. */
    fallback: Type.Optional(Type.Literal('synthetic-digits')),
    /** Under which terms the source's rows may be used, for the model card; a fallback has its own. */
    licence: Type.Optional(Type.String({ minLength: 1 })),
    /** At most that many rows, every class and split keeping its share. */
    rows: Type.Optional(count),
    feedback: Type.Optional(
      Type.Object(
        {
          share: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 1,
              description:
                'Largest share of the training rows that accepted feedback may be, the newest first (default: 1).',
            }),
          ),
          holdOut: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 0.9,
              description:
                'Share of it that nothing learns from, and models are compared on (default: 0; needs the out holdout).',
            }),
          ),
        },
        closed,
      ),
    ),
    synthetic: Type.Optional(Type.Object({ train: Type.Optional(count), test: Type.Optional(count) }, closed)),
    mnist: Type.Optional(Type.Object({ mirrors: Type.Optional(Type.Array(Type.String())) }, closed)),
    idx: Type.Optional(
      Type.Object({ classes: Type.Optional(Type.Array(Type.String(), { minItems: 2, uniqueItems: true })) }, closed),
    ),
    images: Type.Optional(
      Type.Object(
        {
          width: Type.Optional(count),
          height: Type.Optional(count),
          fit: Type.Optional(Type.Union([Type.Literal('contain'), Type.Literal('cover'), Type.Literal('fill')])),
          invert: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
  },
  closed,
);

type Context = StageContext<Static<typeof Params>>;

interface Collected {
  readonly dataset: Dataset;
  readonly source: SourceName;
  readonly note: string;
}

function sourceOptions(ctx: Context, onFetched: () => void): SourceOptions {
  return {
    params: ctx.params,
    mnist: ctx.deps['mnist'],
    files: ctx.deps['files'],
    root: ctx.root,
    seed: ctx.seed,
    signal: ctx.signal,
    onFetched,
    onBytes: (file, current, total) => ctx.progress({ label: `download ${file}`, current, total, unit: 'bytes' }),
    onImages: (current, total) => ctx.progress({ label: 'image', current, total }),
  };
}

async function collect(ctx: Context): Promise<Collected> {
  const { source, fallback, licence } = ctx.params;
  let hasFetched = false;
  const options = sourceOptions(ctx, () => {
    hasFetched = true;
  });
  const read = await readSource(source, options);
  if (read.ok && hasFetched) ctx.fetched('mnist');
  const isMissing = !read.ok && read.failure.code === 'DATA_UNAVAILABLE';
  if (!isMissing || fallback === undefined) return { dataset: withLicence(orRaise(read), licence), source, note: '' };
  ctx.log(`${failureText(read.failure)}\nGoing on with the declared fallback: ${fallback}.`, 'warning');
  const note = `${source} was neither here nor to be downloaded: the declared fallback was used`;
  return { dataset: orRaise(await readSource(fallback, options)), source: fallback, note };
}

const countTest = ({ split }: Dataset): number => split.reduce((sum, half) => sum + (half === SPLIT.test ? 1 : 0), 0);

/** Rows of the source have their place already: in the test set, in live traffic, or among what is learned from. */
function unseenFeedback(source: Dataset, held: readonly LearnableRow[]): Dataset {
  const alone = orRaise(feedbackAlone(source, held));
  return held.length === 0 ? alone : selectRows(alone, unseenRows(alone, [source]));
}

function tellFeedback(ctx: Context, line: string, { learned, repeated, over }: SortedFeedback, held: number): void {
  if (learned.length > 0) ctx.log(`Of the training rows, ${learned.length} are accepted feedback of ${line}.`);
  if (held > 0) ctx.log(`${held} more are held out: nothing learns from them, and models are compared on them.`);
  if (repeated > 0) ctx.log(`${repeated} more repeat an input; its last label counts.`);
  if (over > 0) {
    ctx.log(`${over} older ones are left out: feedback may be ${ctx.params.feedback?.share} of the training rows.`);
  }
}

export default defineStage({
  params: Params,
  reads: ['acceptedFeedback', 'pipeline'],
  async run(ctx) {
    const { dataset: whole, source, note } = await collect(ctx);
    const limited = limitRows(whole, ctx.params.rows, ctx.seed);
    const { generated } = whole.meta;
    const line = modelLine(await ctx.ask('pipeline', null), generated);
    const accepted = await ctx.ask('acceptedFeedback', { line });
    const learnable = learnableRows(accepted);
    const { share = 1, holdOut = 0 } = ctx.params.feedback ?? {};
    const keepsSome = ctx.outs['holdout'] !== undefined;
    if (holdOut > 0 && !keepsSome) ctx.log('No out holdout is declared, so no feedback is held out.', 'warning');
    const sorted = sortFeedback(learnable, {
      holdOut: keepsSome ? holdOut : 0,
      share,
      rows: limited.rows - countTest(limited),
      seed: ctx.seed,
    });
    const { learned, held } = sorted;
    const dataset = orRaise(appendFeedback(limited, learned));
    saveDataset(ctx.outs['raw'] as string, dataset);
    const judges = unseenFeedback(limited, held);
    if (ctx.outs['holdout'] !== undefined) saveDataset(ctx.outs['holdout'], judges);

    const test = countTest(dataset);
    const train = dataset.rows - test;
    ctx.log(`${source}: ${train} training rows, ${test} test rows, ${dataset.meta.classes.length} classes.`);
    tellFeedback(ctx, line, sorted, judges.rows);
    const without = accepted.length - learnable.length;
    if (without > 0) {
      const text = `Accepted feedback of ${line} has ${without} more, whose input is not on record: nothing can be learned from it.`;
      ctx.log(text, 'warning');
    }
    ctx.metric('rows', train, { split: 'train' });
    ctx.metric('rows', test, { split: 'test' });
    ctx.metric('feedbackRows', learned.length);
    if (judges.rows > 0) ctx.metric('feedbackRows', judges.rows, { split: 'holdout' });
    ctx.record({ kind: 'used', what: 'dataset', value: { source, rows: dataset.rows, train, test, generated, note } });
  },
});
