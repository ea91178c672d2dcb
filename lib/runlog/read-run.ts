import { type Failure, failureText } from '../domain/failure.ts';
import { GATES, type GateRecord } from '../domain/gate.ts';
import type { DecisionRecord, FoldRecord, NoteRecord, TrialRecord } from '../domain/records.ts';
import type { ArtifactView, DeploymentView, MetricView, ParamView, RunView, StageView } from '../domain/run-view.ts';
import type { Json, JsonObject } from '../util/json.ts';
import { GATE_COLUMNS } from './gates.ts';
import type { RunLog } from './open.ts';
import { runName, runNameOf } from './run-name.ts';

/** The last attempt of every stage of a run, and the one that made its outs. */
const TURNS = `WITH turn AS (
  SELECT attempt.*, coalesce(attempt.origin, attempt.id) AS made FROM attempt
  WHERE attempt.run = ? AND attempt.number = (SELECT max(number) FROM attempt AS other
    WHERE other.run = attempt.run AND other.stage = attempt.stage))`;

interface RunRow {
  readonly id: number;
  readonly uid: string;
  readonly parent: number | null;
  readonly round: number;
  readonly trigger: string;
  readonly verb: string;
  readonly pipeline: string;
  readonly profile: string | null;
  readonly overrides: string;
  readonly seed: number;
  readonly git_commit: string | null;
  readonly git_dirty: string | null;
  readonly host: string;
  readonly versions: string;
  readonly status: string;
  readonly exit_code: number | null;
  readonly started_at: number;
  readonly ended_at: number | null;
}

/** Everything on record of one run; undefined when there is no such run. */
export function readRun(log: RunLog, run: number): RunView | undefined {
  const row = log.prepare('SELECT * FROM run WHERE id = ?').get(run) as RunRow | undefined;
  if (row === undefined) return undefined;
  const read = <Row>(select: string): Row[] => log.prepare(`${TURNS} ${select}`).all(run) as Row[];
  return {
    run: runName(log, run),
    uid: row.uid,
    status: row.status,
    exitCode: row.exit_code,
    pipeline: row.pipeline,
    trigger: row.trigger,
    verb: row.verb,
    parent: row.parent === null ? null : runName(log, row.parent),
    round: row.round,
    profile: row.profile,
    overrides: JSON.parse(row.overrides) as JsonObject,
    seed: row.seed,
    gitCommit: row.git_commit,
    gitDirty: row.git_dirty,
    host: row.host,
    versions: JSON.parse(row.versions) as JsonObject,
    startedAt: row.started_at,
    durationMs: row.ended_at === null ? null : row.ended_at - row.started_at,
    params: readParams(log, run),
    stages: readStages(read),
    metrics: readMetrics(read),
    trials: readTrials(read),
    gates: readGates(read),
    decision: readDecision(read),
    notes: read<NoteRecord>(
      'SELECT title, text, level FROM turn JOIN note ON note.attempt = turn.made ORDER BY note.id',
    ),
    used: readUsed(read),
    artifacts: read<ArtifactView>(`SELECT turn.stage, use.name, use.kind, use.hash, artifact.size_bytes AS sizeBytes
      FROM turn JOIN attempt_artifact AS use ON use.attempt = turn.made AND use.role = 'out'
      JOIN artifact ON artifact.hash = use.hash ORDER BY turn.id, use.name`),
    deployments: read<DeploymentView>(`SELECT line, alias, kind, reason, from_version AS "from", to_version AS "to"
      FROM turn JOIN deployment ON deployment.attempt = turn.id
      WHERE kind <> 'kept' ORDER BY deployment.id`),
    kept: readKept(read),
  };
}

type Read = <Row>(select: string) => Row[];

function readParams(log: RunLog, run: number): ParamView[] {
  const found = log.prepare('SELECT stage, name, value FROM param WHERE run = ? ORDER BY stage, name').all(run);
  return (found as { stage: string; name: string; value: string }[]).map(({ stage, name, value }) => ({
    stage,
    name,
    value: JSON.parse(value) as Json,
  }));
}

function readStages(read: Read): StageView[] {
  interface Row extends Omit<StageView, 'failure'> {
    readonly failure: string | null;
  }
  const rows = read<Row>(`SELECT turn.stage, turn.status, turn.why, turn.started_at AS startedAt,
    turn.duration_ms AS durationMs, turn.cpu_ms AS cpuMs, turn.peak_memory_bytes AS peakMemoryBytes,
    ${runNameOf('run')} AS madeByRun, turn.failure, turn.log FROM turn JOIN attempt AS maker ON maker.id = turn.made
    JOIN run ON run.id = maker.run ORDER BY turn.id`);
  return rows.map((row) => ({
    ...row,
    failure: row.failure === null ? null : failureText(JSON.parse(row.failure) as Failure),
  }));
}

function readMetrics(read: Read): MetricView[] {
  interface Row {
    readonly stage: string;
    readonly name: string;
    readonly value: number | null;
    readonly special: string | null;
    readonly model: string | null;
    readonly split: string | null;
    readonly step: number | null;
    readonly fold: number | null;
    readonly label: string | null;
  }
  const rows = read<Row>(`SELECT turn.stage, metric.name, metric.value, metric.special, metric.model, metric.split,
    metric.step, metric.fold, metric.label FROM turn JOIN metric ON metric.attempt = turn.made ORDER BY metric.id`);
  return rows.map(({ stage, name, value, special, model, split, step, fold, label }) => ({
    stage,
    name,
    value: value ?? special ?? 'nan',
    ...(model === null ? {} : { model }),
    ...(split === null ? {} : { split }),
    ...(step === null ? {} : { step }),
    ...(fold === null ? {} : { fold }),
    ...(label === null ? {} : { label }),
  }));
}

function readTrials(read: Read): RunView['trials'] {
  interface TrialRow {
    readonly stage: string;
    readonly trial: number;
    readonly params: string;
    readonly status: TrialRecord['status'];
    readonly mean: number | null;
    readonly std: number | null;
    readonly rank: number;
    readonly winner: number;
    readonly reference: number;
  }
  type FoldRow = Omit<FoldRecord, 'error' | 'reused'> & {
    readonly stage: string;
    readonly reused: number;
    readonly error: string | null;
  };
  const folds = read<FoldRow>(`SELECT turn.stage, fold.trial, fold.fold, fold.status, fold.score,
    fold.reused, fold.duration_ms AS durationMs, fold.cpu_ms AS cpuMs, fold.peak_memory_bytes AS peakMemoryBytes,
    fold.error FROM turn JOIN fold_result AS fold ON fold.attempt = turn.made
    ORDER BY fold.trial, fold.fold`);
  const foldsOf = (stage: string, trial: number): FoldRecord[] =>
    folds
      .filter((row) => row.stage === stage && row.trial === trial)
      .map(({ stage: _, error, reused, ...fold }) => ({
        ...fold,
        reused: reused === 1,
        ...(error === null ? {} : { error }),
      }));
  const trials = read<TrialRow>(`SELECT turn.stage, trial.trial, trial.params, trial.status, trial.mean, trial.std,
    trial.rank, trial.winner, trial.reference FROM turn JOIN trial ON trial.attempt = turn.made ORDER BY trial.trial`);
  return trials.map(({ params, winner, reference, ...row }) => ({
    ...row,
    params: JSON.parse(params) as JsonObject,
    winner: winner === 1,
    reference: reference === 1,
    folds: foldsOf(row.stage, row.trial),
  }));
}

/** A stage that judges again what one before it has judged has the last word. */
function readGates(read: Read): GateRecord[] {
  const rows = read<GateRecord>(`SELECT ${GATE_COLUMNS}
    FROM turn JOIN gate ON gate.attempt = turn.made ORDER BY turn.id, gate.id`);
  const last = new Map(rows.map((row) => [JSON.stringify([row.gate, row.name, row.slice, row.limit]), row]));
  return [...last.values()].sort((a, b) => GATES.indexOf(a.gate) - GATES.indexOf(b.gate));
}

/** Also of a run that found the deployment fresh: its checks are shown, and so is what came of them. */
function readKept(read: Read): string | null {
  const [row] = read<{ readonly reason: string }>(`SELECT deployment.reason FROM turn
    JOIN deployment ON deployment.attempt = turn.made WHERE deployment.kind = 'kept' ORDER BY deployment.id DESC LIMIT 1`);
  return row?.reason ?? null;
}

function readDecision(read: Read): DecisionRecord | null {
  const [row] = read<Omit<DecisionRecord, 'rules'> & { readonly rules: string }>(
    'SELECT verdict, reason, rules FROM turn JOIN decision ON decision.attempt = turn.made ORDER BY decision.id DESC LIMIT 1',
  );
  return row === undefined ? null : { ...row, rules: JSON.parse(row.rules) as DecisionRecord['rules'] };
}

function readUsed(read: Read): RunView['used'] {
  const rows = read<{ readonly what: string; readonly value: string }>(
    'SELECT what, value FROM turn JOIN used ON used.attempt = turn.made ORDER BY turn.id',
  );
  const last = (what: string): Json | null => {
    const row = rows.filter((one) => one.what === what).at(-1);
    return row === undefined ? null : (JSON.parse(row.value) as Json);
  };
  return { dataset: last('dataset'), engine: last('engine') };
}
