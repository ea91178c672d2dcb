import { writeFileSync } from 'node:fs';
import { augmentRows } from 'mlloop/data/augment';
import { type CleaningReport, cleanDataset } from 'mlloop/data/clean';
import { openDataset, saveDataset } from 'mlloop/data/dataset';
import { type Partition, partitionDataset } from 'mlloop/data/partition';
import { profilePartition } from 'mlloop/data/profile';
import { orRaise } from 'mlloop/domain/raised';
import type { StageContext } from 'mlloop/domain/stage';
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

export default defineStage({
  params: Params,
  async run(ctx) {
    const { live = 0.05, test = 0.15, augment } = ctx.params;
    const raw = orRaise(openDataset(ctx.deps['raw'] as string, { anyLabel: true }));
    const { dataset, report } = cleanDataset(raw);
    tellCleaning(ctx, report);
    const parts = orRaise(partitionDataset(dataset, { live, test }, ctx.seed));
    const train = augment === undefined ? parts.train : orRaise(augmentRows(parts.train, augment, ctx.seed));
    const partition: Partition = { ...parts, train };
    tellRows(ctx, partition, parts.train.rows);

    for (const split of ['train', 'test', 'live'] as const) saveDataset(ctx.outs[split] as string, partition[split]);
    const profile = await profilePartition(partition, report);
    writeFileSync(ctx.outs['profile'] as string, `${JSON.stringify(profile)}\n`);
  },
});
