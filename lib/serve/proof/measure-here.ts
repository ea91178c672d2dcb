import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineOffer } from '../../domain/engine.ts';
import type { Failure } from '../../domain/failure.ts';
import { measureLatency } from '../../ml/latency.ts';
import { loadModel } from '../../ml/load-model.ts';
import type { Measurements } from '../../monitor/gates/absolute.ts';
import type { Clock } from '../../util/clock.ts';
import { ok, type Result } from '../../util/result.ts';

export interface MeasureHere {
  readonly folder: string;
  readonly engines: EngineOffer;
  /** Names that a limit is set on. */
  readonly asked: readonly string[];
  readonly clock: Clock;
}

/** What a machine can say of a model; a time is only taken where somebody asks for it, of the engine that will answer. */
export async function measureHere({
  folder,
  engines,
  asked,
  clock,
}: MeasureHere): Promise<Result<Measurements, Failure>> {
  const { onnx, tfjs } = engines;
  const sizeBytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const size = { sizeBytes: [{ value: sizeBytes }] };
  if (!asked.some((name) => name.startsWith('latency'))) return ok(size);
  const loaded = await loadModel(folder, 'problem' in onnx ? tfjs : onnx);
  if (!loaded.ok) return loaded;
  const { p50Ms, p99Ms, calls } = await measureLatency(loaded.value, clock);
  await loaded.value.dispose();
  return ok({ ...size, latencyP50Ms: [{ value: p50Ms, rows: calls }], latencyP99Ms: [{ value: p99Ms, rows: calls }] });
}
