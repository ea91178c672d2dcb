import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, openDataset } from 'mlloop/data/dataset';
import { dataReference } from 'mlloop/data/reference';
import { countShared } from 'mlloop/data/unseen-rows';
import type { DataProfile } from 'mlloop/domain/data-profile';
import type { EngineChoice } from 'mlloop/domain/engine';
import type { EvaluationFile } from 'mlloop/domain/evaluation';
import { failure } from 'mlloop/domain/failure';
import { isSimulated } from 'mlloop/domain/feedback-provenance';
import { type GateRecord, gateRecord } from 'mlloop/domain/gate';
import { modelLine } from 'mlloop/domain/line';
import type { ChampionAnswer } from 'mlloop/domain/questions';
import { orRaise } from 'mlloop/domain/raised';
import type { ReleaseFile } from 'mlloop/domain/release';
import { loadModel, selfTest } from 'mlloop/ml/load-model';
import { absoluteGate, evaluationMeasurements } from 'mlloop/monitor/gates/absolute';
import { dataGate } from 'mlloop/monitor/gates/data';
import { CHAMPION_POLICY, filledPolicy, LIMITS, SERVING_BUDGET } from 'mlloop/monitor/gates/model-params';
import { decidePromotion } from 'mlloop/monitor/gates/promotion';
import { refusalText } from 'mlloop/monitor/gates/refusal';
import { askServed } from 'mlloop/serve/proof/ask-served';
import { besideChampion } from 'mlloop/serve/proof/beside-champion';
import { measureHere } from 'mlloop/serve/proof/measure-here';
import { goldenRow, servingGate } from 'mlloop/serve/proof/serving-gate';
import { defineStage } from 'mlloop/stage/define-stage';
import { systemClock } from 'mlloop/util/clock';
import { sha256 } from 'mlloop/util/hash';
import { childSeed } from 'mlloop/util/seed';
import { Type } from 'typebox';

const Params = Type.Object(
  {
    gate: Type.Optional(LIMITS),
    champion: Type.Optional(CHAMPION_POLICY),
    serving: Type.Optional(SERVING_BUDGET),
  },
  { additionalProperties: false },
);

interface Split {
  readonly test: Dataset;
  readonly train: Dataset | undefined;
}

/** Asks the model what it was asked when it was trained, as the engine that training is tested against reads its files. */
async function asReference(folder: string, choice: EngineChoice): Promise<GateRecord> {
  const model = orRaise(await loadModel(folder, choice));
  const tested = await selfTest(model);
  await model.dispose();
  return goldenRow('goldenDifference', { ...tested, rows: model.golden.rows });
}

/** The data judged again, because the champion may be another than when they were prepared. */
function judgeData(
  profiled: string | undefined,
  { test, train }: Split,
  champion: ChampionAnswer | null,
): GateRecord[] {
  const unjudged = (note: string): GateRecord[] => [
    gateRecord({ gate: 'data', name: 'profile', verdict: 'warning', note: `${note}: the data are not judged here` }),
  ];
  if (profiled === undefined) return unjudged('no dep profile is declared');
  const profile = JSON.parse(readFileSync(profiled, 'utf8')) as DataProfile & { readonly version: number };
  if (profile.version !== 2) return unjudged(`the profile is of version ${profile.version}, not 2`);
  const leaked = train === undefined ? profile.leaked : countShared(test, train);
  return dataGate({ ...profile, leaked }, dataReference(champion));
}

/** Simulated feedback that was held out; undefined where there is none. */
function simulatedFeedback(path: string | undefined): Dataset | undefined {
  const held = path === undefined ? undefined : orRaise(openDataset(path));
  return held !== undefined && held.rows > 0 && isSimulated(held) ? held : undefined;
}

export default defineStage({
  params: Params,
  reads: ['engine', 'champion', 'labelledRows', 'override', 'pipeline'],
  effects: true,
  async run(ctx) {
    const folder = ctx.deps['model'] ?? '';
    const evaluation = JSON.parse(readFileSync(ctx.deps['metrics'] ?? '', 'utf8')) as EvaluationFile;
    const test = orRaise(openDataset(ctx.deps['test'] ?? ''));
    const line = modelLine(await ctx.ask('pipeline', null), test.meta.generated);
    const engines = await ctx.ask('engine', null);
    const champion = await ctx.ask('champion', { line });
    const override = await ctx.ask('override', null);
    const limits = Object.fromEntries(Object.entries(ctx.params.gate ?? {}));

    const policy = filledPolicy(ctx.params.champion);
    const trained = ctx.deps['train'];
    const train = trained === undefined ? undefined : orRaise(openDataset(trained));
    const challenger = { folder, hash: ctx.hashes['model'], evaluation, test, train, choice: engines.tfjs };
    const rowsOf = (asked: { line: string; limit: number }) => ctx.ask('labelledRows', asked);
    const labelled = { slice: 'feedback', rows: rowsOf, simulated: simulatedFeedback(ctx.deps['feedback']) };
    const seed = childSeed(ctx.seed, 'bootstrap');
    const measuring = { folder, engines, asked: Object.keys(limits), clock: systemClock };

    const golden = await asReference(folder, engines.tfjs);
    const served = await askServed({ folder, line, threadFile: ctx.serveThread, clock: systemClock });
    const measured = { ...orRaise(await measureHere(measuring)), ...evaluationMeasurements(evaluation) };
    const rows = [
      ...judgeData(ctx.deps['profile'], { test, train }, champion),
      ...absoluteGate(limits, measured),
      ...(await besideChampion({ challenger, champion, policy, seed, labelled })),
      golden,
      ...servingGate(served, ctx.params.serving),
    ];
    for (const row of rows) ctx.record({ kind: 'gate', ...row });
    const name = champion === null ? undefined : `${line} v${champion.version}`;
    const { require } = policy;
    const promotion = decidePromotion({ rows, require, champion: name, isOverridden: override !== null });
    if (promotion.outcome === 'refused') ctx.fail(failure('STAGE_REFUSED', { reason: refusalText(rows) }));
    const metrics = { ...evaluation.models[evaluation.candidate]?.overall };
    if (promotion.outcome === 'kept') {
      ctx.effect({ kind: 'keep', line, reason: promotion.reason });
    } else {
      const { reason, passed } =
        promotion.outcome === 'promoted' ? promotion : { reason: 'already live', passed: true };
      const said = override === null ? {} : { override };
      const against = champion?.version ?? null;
      const reference = ctx.deps['reference'] === undefined ? {} : { reference: 'reference' };
      ctx.effect({ kind: 'deploy', line, dep: 'model', metrics, reason, passed, against, ...said, ...reference });
    }
    const files = readdirSync(folder)
      .sort()
      .map((file) => [file, sha256(readFileSync(join(folder, file)))] as const);
    const release: ReleaseFile = {
      format: 'mlloop-release',
      version: 1,
      line,
      files: Object.fromEntries(files),
      metrics,
    };
    writeFileSync(ctx.outs['release'] ?? '', `${JSON.stringify(release)}\n`);
  },
});
