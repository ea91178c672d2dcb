import { orRaise } from '../lib/domain/raised.ts';
import { endAttempt, recordArtifacts, startAttempt } from '../lib/runlog/attempts.ts';
import { openRunLog } from '../lib/runlog/open.ts';
import { insertRecords } from '../lib/runlog/records.ts';
import { endRun, insertRun } from '../lib/runlog/runs.ts';
import { sha256 } from '../lib/util/hash.ts';

const STAGES = ['collect', 'preprocess', 'train', 'optimize', 'evaluate', 'deploy', 'feedback', 'iterate'];
const METRICS = 20;
const PARAMS = { learningRate: 0.001, epochs: 5, batch: 128, hidden: [100] };

/** A log as a project has that has run so often: eight stages a run, each with params, metrics, an in and an out. */
export function fillLog(file: string, runs: number): void {
  const log = orRaise(openRunLog(file));
  for (let from = 1; from <= runs; from += 500) {
    log.atomically(() => {
      for (let run = from; run < Math.min(from + 500, runs + 1); run++) addRun(run);
    });
  }
  log.close();

  function addRun(run: number): void {
    insertRun(log, run, {
      parent: undefined,
      round: 0,
      trigger: 'manual',
      verb: 'run',
      pipeline: 'digits',
      profile: undefined,
      overrides: {},
      seed: 42,
      git: undefined,
      host: 'here',
      pid: 1,
      versions: {},
      params: Object.fromEntries(STAGES.map((stage) => [stage, { ...PARAMS, epochs: 1 + (run % 9) }])),
      pipelineText: 'name: digits\n',
      startedAt: run * 1000,
    });
    for (const stage of STAGES) {
      const attempt = startAttempt(log, {
        run,
        stage,
        number: 1,
        key: sha256(`${stage} ${run}`),
        keyParts: { code: stage, params: PARAMS },
        why: 'forced',
        startedAt: run * 1000,
        log: undefined,
        code: undefined,
        mark: '',
      });
      insertRecords(
        log,
        attempt,
        Array.from({ length: METRICS }, (_, step) => ({
          kind: 'metric',
          name: step < 2 ? 'accuracy' : 'loss',
          value: step / METRICS + run / 1e6,
          model: 'optimised',
          split: 'test',
          ...(step < 2 ? {} : { step }),
        })),
      );
      const hash = sha256(`out ${stage} ${run}`);
      recordArtifacts(
        log,
        attempt,
        [{ role: 'out', name: 'out', hash, kind: 'json', sizeBytes: 100, files: 1 }],
        run * 1000,
      );
      endAttempt(log, attempt, {
        status: 'succeeded',
        endedAt: run * 1000 + 10,
        durationMs: 10,
        exitCode: 0,
        signal: undefined,
        failure: undefined,
        cpuMs: 5,
        peakMemoryBytes: 1e8,
      });
    }
    endRun(log, run, { status: 'succeeded', exitCode: 0, endedAt: run * 1000 + 100 });
  }
}
