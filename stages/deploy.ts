import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, openDataset } from 'mlloop/data/dataset';
import { isSimulated, labelledRows } from 'mlloop/data/feedback-rows';
import { dataReference } from 'mlloop/data/reference';
import { countShared } from 'mlloop/data/unseen-rows';
import type { DataProfile } from 'mlloop/domain/data-profile';
import type { EngineChoice, EngineOffer } from 'mlloop/domain/engine';
import type { EvaluationFile } from 'mlloop/domain/evaluation';
import { type Failure, failure, failureText } from 'mlloop/domain/failure';
import { type GateRecord, gateRecord } from 'mlloop/domain/gate';
import { modelLine } from 'mlloop/domain/line';
import type { ChampionAnswer } from 'mlloop/domain/questions';
import { orRaise } from 'mlloop/domain/raised';
import type { ReleaseFile } from 'mlloop/domain/release';
import type { StageContext } from 'mlloop/domain/stage';
import { answerSlice, type Slice } from 'mlloop/ml/answer-slices';
import { whyNotComparable } from 'mlloop/ml/comparable';
import { measureLatency } from 'mlloop/ml/latency';
import { loadModel, selfTest } from 'mlloop/ml/load-model';
import { pairedMacroF1 } from 'mlloop/ml/metrics/paired-macro-f1';
import { readModelCard } from 'mlloop/ml/model-card';
import { absoluteGate, evaluationMeasurements, type Measurements } from 'mlloop/monitor/gates/absolute';
import { championGate } from 'mlloop/monitor/gates/champion';
import { compareByBootstrap } from 'mlloop/monitor/gates/compare-by-bootstrap';
import { dataGate } from 'mlloop/monitor/gates/data';
import { CHAMPION_POLICY, filledPolicy, LIMITS } from 'mlloop/monitor/gates/model-params';
import { decidePromotion } from 'mlloop/monitor/gates/promotion';
import { refusalText } from 'mlloop/monitor/gates/refusal';
import { defineStage } from 'mlloop/stage/define-stage';
import { systemClock } from 'mlloop/util/clock';
import { sha256 } from 'mlloop/util/hash';
import { ok, type Result } from 'mlloop/util/result';
import { childSeed } from 'mlloop/util/seed';
import { type Static, Type } from 'typebox';

const Params = Type.Object(
  { gate: Type.Optional(LIMITS), champion: Type.Optional(CHAMPION_POLICY) },
  { additionalProperties: false },
);

type Context = StageContext<Static<typeof Params>>;

interface Candidate {
  readonly folder: string;
  readonly evaluation: EvaluationFile;
  readonly test: Dataset;
  readonly choice: EngineChoice;
}

/** Asks the model, loaded from its files, what it was asked when it was trained. */
async function servingGate(folder: string, choice: EngineChoice): Promise<GateRecord> {
  const model = orRaise(await loadModel(folder, choice));
  const { maxDifference, tolerance, passed } = await selfTest(model);
  await model.dispose();
  const value = Number.isFinite(maxDifference) ? maxDifference : null;
  const verdict = passed ? 'passed' : 'refused';
  const { rows } = model.golden;
  const bound = { limit: 'max', threshold: tolerance } as const;
  const note = value === null ? 'its answers are no numbers, or not as many' : '';
  return gateRecord({ gate: 'serving', name: 'goldenDifference', value, ...bound, rows, verdict, note });
}

/** The data judged again, because the champion may be another than when they were prepared. */
function judgeData({ deps }: Context, test: Dataset, champion: ChampionAnswer | null): GateRecord[] {
  const profiled = deps['profile'];
  const unjudged = (note: string): GateRecord[] => [
    gateRecord({ gate: 'data', name: 'profile', verdict: 'warning', note: `${note}: the data are not judged here` }),
  ];
  if (profiled === undefined) return unjudged('no dep profile is declared');
  const profile = JSON.parse(readFileSync(profiled, 'utf8')) as DataProfile & { readonly version: number };
  if (profile.version !== 2) return unjudged(`the profile is of version ${profile.version}, not 2`);
  const trained = deps['train'];
  const leaked = trained === undefined ? profile.leaked : countShared(test, orRaise(openDataset(trained)));
  return dataGate({ ...profile, leaked }, dataReference(champion));
}

/** What a machine can say of a model; a time is only taken where somebody asks for it, of the engine that will answer. */
async function machineMeasurements(
  folder: string,
  { onnx, tfjs }: EngineOffer,
  asked: readonly string[],
): Promise<Measurements> {
  const sizeBytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const size = { sizeBytes: [{ value: sizeBytes }] };
  if (!asked.some((name) => name.startsWith('latency'))) return size;
  const model = orRaise(await loadModel(folder, 'problem' in onnx ? tfjs : onnx));
  const { p50Ms, p99Ms, calls } = await measureLatency(model, systemClock);
  await model.dispose();
  return { ...size, latencyP50Ms: [{ value: p50Ms, rows: calls }], latencyP99Ms: [{ value: p99Ms, rows: calls }] };
}

/** The champion asked again, on the rows of this run and on what people have labelled since. */
async function compareWithChampion(
  ctx: Context,
  candidate: Candidate,
  champion: ChampionAnswer | null,
): Promise<GateRecord[]> {
  const instead = (verdict: GateRecord['verdict'], note: string): GateRecord[] => [
    gateRecord({ gate: 'champion', name: 'champion', verdict, note }),
  ];
  if (champion === null) return instead('first_model', 'nothing is live yet that it could be compared with');
  const name = `${champion.line} v${champion.version}`;
  if (champion.modelHash === ctx.hashes['model']) return instead('already_live', `${name} holds the same bytes`);
  const lost = (problem: string): GateRecord[] => instead('lost', `${name} is on record, but ${problem}`);
  if (champion.problem !== null) return lost(champion.problem);
  const card = readModelCard(champion.folder);
  if (!card.ok) return lost(failureText(card.failure));
  const reason = whyNotComparable(orRaise(readModelCard(candidate.folder)), card.value);
  if (reason !== undefined) return instead('not_comparable', reason);

  const policy = filledPolicy(ctx.params.champion);
  const asked = await askBoth(ctx, candidate, champion, policy.feedback);
  if (!asked.ok) return lost(`it cannot be asked: ${failureText(asked.failure)}`);
  const slices = asked.value;
  const { classes } = candidate.evaluation;
  if (policy.metric === 'accuracy') return championGate({ slices, classes, policy });
  const seed = childSeed(ctx.seed, 'bootstrap');
  return championGate({
    slices,
    classes,
    policy,
    compare: (slice, confidence) =>
      compareByBootstrap(slice, {
        name: 'macroF1Difference',
        kindsOf: (rows) => pairedMacroF1(rows, classes.length),
        confidence,
        seed: childSeed(seed, slice.slice),
      }),
  });
}

/** Both models’ answers to the test rows, and to what people have labelled; the failure is the champion’s. */
async function askBoth(
  ctx: Context,
  { folder, evaluation, test, choice }: Candidate,
  champion: ChampionAnswer,
  feedback: number,
): Promise<Result<Slice[], Failure>> {
  const trained = ctx.deps['train'];
  const challenger = { folder, learnedFrom: trained === undefined ? undefined : [orRaise(openDataset(trained))] };
  const pair = { challenger, champion: { folder: champion.folder, learnedFrom: rowsOf(champion) }, choice };
  const { predicted } = evaluation;
  const asked = { slice: 'test', dataset: test, ...pair, ...(predicted === undefined ? {} : { predicted }) };
  const onTest = await answerSlice(asked);
  if (!onTest.ok) return onTest;
  if (feedback === 0) return ok([onTest.value]);
  const given = await ctx.ask('labelledRows', { line: champion.line, limit: feedback });
  const { dataset, unfit } = orRaise(labelledRows(test, given));
  const onFeedback = await answerSlice({ slice: 'feedback', dataset, ...pair });
  if (!onFeedback.ok) return onFeedback;
  const replayed = given.length > 0 ? undefined : simulatedFeedback(ctx);
  if (replayed !== undefined) {
    // Nobody has labelled an answer yet, so there is only the simulation to compare on; it is called so wherever it is told.
    const onReplayed = await answerSlice({ slice: 'simulated feedback', dataset: replayed, ...pair });
    return onReplayed.ok ? ok([onTest.value, onReplayed.value]) : onReplayed;
  }
  const notes = [
    given.length === 0 ? 'nobody has labelled an answer yet' : '',
    unfit > 0 ? `${unfit} do not fit` : '',
    onFeedback.value.note,
  ];
  return ok([onTest.value, { ...onFeedback.value, note: notes.filter((note) => note !== '').join('; ') }]);
}

/** Simulated feedback that was held out; undefined where there is none. */
function simulatedFeedback({ deps }: Context): Dataset | undefined {
  const held = deps['feedback'] === undefined ? undefined : orRaise(openDataset(deps['feedback']));
  return held !== undefined && held.rows > 0 && isSimulated(held) ? held : undefined;
}

/** What the champion learned from; undefined where that is not known, or cannot be read any more. */
function rowsOf({ learnedFrom }: ChampionAnswer): readonly Dataset[] | undefined {
  const opened = learnedFrom.map((path) => openDataset(path));
  const read = opened.flatMap((dataset) => (dataset.ok ? [dataset.value] : []));
  return read.length === 0 || read.length < opened.length ? undefined : read;
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
    const choice = engines.tfjs;
    const champion = await ctx.ask('champion', { line });
    const override = await ctx.ask('override', null);
    const limits = Object.fromEntries(Object.entries(ctx.params.gate ?? {}));

    const serving = await servingGate(folder, choice);
    const machine = await machineMeasurements(folder, engines, Object.keys(limits));
    const rows = [
      ...judgeData(ctx, test, champion),
      ...absoluteGate(limits, { ...machine, ...evaluationMeasurements(evaluation) }),
      ...(await compareWithChampion(ctx, { folder, evaluation, test, choice }, champion)),
      serving,
    ];
    for (const row of rows) ctx.record({ kind: 'gate', ...row });
    const name = champion === null ? undefined : `${line} v${champion.version}`;
    const { require } = filledPolicy(ctx.params.champion);
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
