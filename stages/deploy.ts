import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from 'mlloop/data/dataset';
import type { EngineChoice } from 'mlloop/domain/engine';
import type { EvaluationFile } from 'mlloop/domain/evaluation';
import { failure } from 'mlloop/domain/failure';
import { modelLine } from 'mlloop/domain/line';
import { orRaise } from 'mlloop/domain/raised';
import type { GateRecord } from 'mlloop/domain/records';
import type { ReleaseFile } from 'mlloop/domain/release';
import { loadModel, selfTest } from 'mlloop/ml/load-model';
import { isSameModel } from 'mlloop/ml/same-model';
import { checkGate, refusalText } from 'mlloop/monitor/gate';
import { defineStage } from 'mlloop/stage/define-stage';
import { sha256 } from 'mlloop/util/hash';
import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Limit = Type.Object({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }, closed);

const Params = Type.Object(
  { gate: Type.Optional(Type.Record(Type.String(), Limit, { description: 'Limits by metric of the evaluation.' })) },
  closed,
);

const NO_GATE = [
  'No gate is declared, so nothing says what this model has to prove. It is not deployed.',
  'Declare limits in the stage’s params: gate: { accuracy: { min: 0.95 } }',
].join('\n');

/** Loads the model from its files and asks it what it was asked when it was trained. */
async function testModel(folder: string, choice: EngineChoice): Promise<GateRecord> {
  const model = orRaise(await loadModel(folder, choice));
  const { maxDifference, tolerance, passed } = await selfTest(model);
  const rows = model.golden.rows;
  await model.dispose();
  const value = Number.isFinite(maxDifference) ? maxDifference : Number.MAX_VALUE;
  const verdict = passed ? 'passed' : 'refused';
  return { name: 'goldenDifference', value, limit: 'max', threshold: tolerance, rows, verdict };
}

export default defineStage({
  params: Params,
  reads: ['engine', 'champion', 'pipeline'],
  effects: true,
  async run(ctx) {
    const { gate: limits = {} } = ctx.params;
    const folder = ctx.deps['model'] ?? '';
    const evaluation = JSON.parse(readFileSync(ctx.deps['metrics'] ?? '', 'utf8')) as EvaluationFile;
    const { generated } = orRaise(openDataset(ctx.deps['test'] ?? '')).meta;
    const line = modelLine(await ctx.ask('pipeline', null), generated);
    const metrics = { ...evaluation.models[evaluation.candidate]?.overall };
    const checks = checkGate({ limits, metrics, rows: evaluation.rows });
    if (checks.length === 0) ctx.fail(failure('STAGE_REFUSED', { reason: NO_GATE }));

    const gates = [...checks, await testModel(folder, (await ctx.ask('engine', null)).tfjs)];
    for (const gate of gates) ctx.record({ kind: 'gate', ...gate });
    if (gates.some(({ verdict }) => verdict === 'refused')) {
      ctx.fail(failure('STAGE_REFUSED', { reason: refusalText(gates) }));
    }
    const champion = await ctx.ask('champion', { line });
    const isLive = champion !== null && isSameModel(folder, champion.folder);
    if (isLive) {
      const text = `already live: ${line} v${champion.version} holds the same bytes`;
      ctx.record({ kind: 'note', title: 'deploy', text, level: 'info' });
    }
    ctx.effect({ kind: 'deploy', line, dep: 'model', metrics, reason: `passed ${gates.length} checks` });

    const files = Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, sha256(readFileSync(join(folder, name)))]),
    );
    const release: ReleaseFile = { format: 'mlloop-release', version: 1, line, files, metrics, gates };
    writeFileSync(ctx.outs['release'] ?? '', `${JSON.stringify(release)}\n`);
  },
});
