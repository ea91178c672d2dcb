import { openDataset } from 'mlloop/data/dataset';
import { orRaise } from 'mlloop/domain/raised';
import { chooseEngine, ENGINE_WISH } from 'mlloop/ml/choose-engine';
import { createEngine } from 'mlloop/ml/create-engine';
import { fitClassifier, specFor } from 'mlloop/ml/fit-classifier';
import { modelToSave } from 'mlloop/ml/model-to-save';
import { saveModel } from 'mlloop/ml/save-model';
import { DEFAULT_SETTINGS, SETTINGS } from 'mlloop/ml/settings';
import { tellEpochs } from 'mlloop/ml/tell-epochs';
import { defineStage } from 'mlloop/stage/define-stage';
import { countUp } from 'mlloop/util/count-up';
import { Type } from 'typebox';

export default defineStage({
  params: Type.Partial(Type.Object({ ...SETTINGS, engine: ENGINE_WISH }), { additionalProperties: false }),
  reads: ['engine'],
  async run(ctx) {
    const { engine: wish = 'auto', ...own } = ctx.params;
    const settings = { ...DEFAULT_SETTINGS, ...own };
    const dataset = orRaise(openDataset(ctx.deps['data'] ?? ''));
    const specs = [orRaise(specFor(dataset, settings))];
    const { optimizer } = settings;
    const choice = orRaise(chooseEngine(await ctx.ask('engine', null), { wish, specs, optimizers: [optimizer] }));
    ctx.record({ kind: 'used', what: 'engine', value: { ...choice } });
    const engine = await createEngine(choice);
    const rows = countUp(dataset.rows);
    const tell = tellEpochs(ctx, { model: 'baseline', epochs: settings.epochs });
    const { signal, seed } = ctx;
    const made = orRaise(await fitClassifier({ engine, dataset, rows, settings, seed, signal, ...tell }));
    await saveModel(ctx.outs['model'] ?? '', modelToSave(made, { dataset, settings, engine }));
  },
});
