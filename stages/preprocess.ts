import { writeFileSync } from 'node:fs';
import { augmentRows } from 'mlloop/data/augment';
import { cleanDataset } from 'mlloop/data/clean';
import { type Dataset, openDataset, saveDataset } from 'mlloop/data/dataset';
import { type Partition, partitionDataset, testRows } from 'mlloop/data/partition';
import { profilePartition } from 'mlloop/data/profile';
import { dataReference } from 'mlloop/data/reference';
import { datasetStatistics } from 'mlloop/data/statistics';
import { countShared } from 'mlloop/data/unseen-rows';
import type { CleaningReport, DataLimit, DataProfile } from 'mlloop/domain/data-profile';
import { failure } from 'mlloop/domain/failure';
import { countFeedback } from 'mlloop/domain/feedback-provenance';
import { refuses } from 'mlloop/domain/gate';
import { modelLine } from 'mlloop/domain/line';
import { orRaise } from 'mlloop/domain/raised';
import type { StageContext } from 'mlloop/domain/stage';
import { dataGate } from 'mlloop/monitor/gates/data';
import { DATA_LIMITS } from 'mlloop/monitor/gates/data-limits';
import { dataRefusalText } from 'mlloop/monitor/gates/refusal';
import { defineStage } from 'mlloop/stage/define-stage';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const share = Type.Number({ minimum: 0, maximum: 0.9 });

const Params = Type.Object(
  {
    /** Share of the training rows kept back to stand in for traffic. */
    live: Type.Optional(share),
    /** Share of the rows that become the test set of a source that has none of its own. */
    test: Type.Optional(share),
    augment: Type.Optional(
      Type.Object(
        {
          copies: Type.Optional(Type.Number({ minimum: 0, maximum: 20 })),
          shift: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
          rotate: Type.Optional(Type.Number({ minimum: 0, maximum: 180 })),
          zoom: Type.Optional(Type.Number({ minimum: 0, maximum: 0.9 })),
        },
        closed,
      ),
    ),
    check: Type.Optional(DATA_LIMITS),
  },
  closed,
);

type Context = StageContext<Static<typeof Params>>;

/** What each kind of removed row is called to people. */
const REASONS: Readonly<Record<keyof CleaningReport, string>> = {
  blank: 'blank or constant images',
  badLabel: 'labels that are no class',
  duplicateInTrain: 'duplicates within the training rows',
  duplicateInTest: 'duplicates within the test rows',
  trainAlsoInTest: 'training rows that are also in the test set',
  conflicting: 'of the duplicates with another label than the row kept',
};

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function tellCleaning(ctx: Context, report: CleaningReport): void {
  for (const reason of Object.keys(REASONS) as (keyof CleaningReport)[]) {
    const count = report[reason];
    ctx.metric(`removed${capitalised(reason)}`, count);
    if (count > 0) ctx.log(`Removed ${count}: ${REASONS[reason]}.`);
  }
  if (report.badLabel > 0) {
    ctx.log(`${report.badLabel} rows had a label that is no class: look at the source.`, 'warning');
  }
}

function tellRows(ctx: Context, partition: Partition, originals: number): void {
  for (const split of ['train', 'test', 'live'] as const) ctx.metric('rows', partition[split].rows, { split });
  const { train, test, live } = partition;
  ctx.metric('augmentedRows', train.rows - originals, { split: 'train' });
  ctx.log(
    `${train.rows} training rows (${train.rows - originals} augmented), ${test.rows} test rows, ${live.rows} live rows.`,
  );
}

/** What a run has passed with stays accepted, so rows that a gate refuses because of it are refused until somebody says otherwise. */
function feedbackHints(raw: Dataset): string[] {
  const count = countFeedback(raw);
  return count === 0
    ? []
    : [
        `${count} of them are accepted feedback. To learn from less of it, or from none: --set collect.params.feedback.share=0`,
      ];
}

/** Judges the rows before anything is trained on them; what they are held against is the champion's own. */
async function judge(ctx: Context, profile: DataProfile, raw: Dataset): Promise<void> {
  const line = modelLine(await ctx.ask('pipeline', null), raw.meta.generated);
  const rows = dataGate(profile, dataReference(await ctx.ask('reference', { line })));
  for (const row of rows) ctx.record({ kind: 'gate', ...row });
  const refused = rows.filter(refuses);
  if (refused.length === 0) return;
  const reason = await ctx.ask('override', null);
  if (reason === null) ctx.fail(failure('STAGE_REFUSED', { reason: dataRefusalText(rows, feedbackHints(raw)) }));
  const names = refused.map(({ name }) => name).join(', ');
  ctx.log(`The data gate refuses these rows (${names}); overridden: ${reason}`, 'warning');
}

export default defineStage({
  params: Params,
  // What it makes does not depend on any of them: they say whether it is good enough.
  reads: ['pipeline', 'reference', 'override'],
  async run(ctx) {
    const { live = 0.05, test = 0.15, augment, check } = ctx.params;
    const raw = orRaise(openDataset(ctx.deps['raw'] as string, { anyLabel: true }));
    const { dataset, report } = cleanDataset(raw, testRows(raw, test, ctx.seed));
    tellCleaning(ctx, report);
    const parts = orRaise(partitionDataset(dataset, { live, test }, ctx.seed));
    const train = augment === undefined ? parts.train : orRaise(augmentRows(parts.train, augment, ctx.seed));
    const partition: Partition = { ...parts, train };
    tellRows(ctx, partition, parts.train.rows);
    const left = dataset.rows - parts.train.rows - parts.test.rows - parts.live.rows;
    if (left > 0) ctx.log(`Left out ${left}: rows that were augmented from test or live rows.`);

    const about: DataProfile = {
      collected: raw.rows,
      cleaning: report,
      statistics: { train: datasetStatistics(train), test: datasetStatistics(parts.test) },
      leaked: countShared(parts.test, train),
      limits: (check ?? {}) as Readonly<Record<string, DataLimit>>,
    };
    await judge(ctx, about, raw);
    for (const split of ['train', 'test', 'live'] as const) saveDataset(ctx.outs[split] as string, partition[split]);
    const profile = await profilePartition(partition, about);
    writeFileSync(ctx.outs['profile'] as string, `${JSON.stringify(profile)}\n`);
  },
});
