import { Type } from 'typebox';
import { openDataset } from '../lib/data/dataset.ts';
import { orRaise } from '../lib/domain/raised.ts';
import { fitClassifier } from '../lib/ml/fit-classifier.ts';
import { saveModel } from '../lib/ml/save-model.ts';
import { DEFAULT_SETTINGS, hyperparametersOf, SETTINGS } from '../lib/ml/settings.ts';
import { createTfjsEngine } from '../lib/ml/tfjs/engine.ts';
import { tellEpochs } from '../lib/ml/tell-epochs.ts';
import { defineStage } from '../lib/stage/define-stage.ts';

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
