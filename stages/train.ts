import { openDataset } from 'mlloop/data/dataset';
import { orRaise } from 'mlloop/domain/raised';
import { fitClassifier } from 'mlloop/ml/fit-classifier';
import { saveModel } from 'mlloop/ml/save-model';
import { DEFAULT_SETTINGS, hyperparametersOf, SETTINGS } from 'mlloop/ml/settings';
import { tellEpochs } from 'mlloop/ml/tell-epochs';
import { createTfjsEngine } from 'mlloop/ml/tfjs/engine';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';

export default defineStage({
  params: Type.Partial(Type.Object(SETTINGS), { additionalProperties: false }),
  reads: ['engine'],
  async run(ctx) {
    const choice = await ctx.ask('engine', null);
    ctx.record({ kind: 'used', what: 'engine', value: { ...choice } });
    const dataset = orRaise(openDataset(ctx.deps['data'] ?? ''));
    const settings = { ...DEFAULT_SETTINGS, ...ctx.params };
    const engine = await createTfjsEngine(choice);
    const rows = Int32Array.from({ length: dataset.rows }, (_, row) => row);
    const tell = tellEpochs(ctx, { model: 'baseline', epochs: settings.epochs });
    const { signal, seed } = ctx;
    const made = orRaise(await fitClassifier({ engine, dataset, rows, settings, seed, signal, ...tell }));
    const { spec, transform, fitted, trained } = made;
    const { classes, generated } = dataset.meta;
    const card = {
      spec,
      hyperparameters: hyperparametersOf(settings),
      transform,
      classes,
      trainedOn: { rows: trained.count, generated },
    };
    await saveModel(ctx.outs['model'] ?? '', { card, fitted, engine, rows: trained });
  },
});
