import type { RunLog } from '../open.ts';
import { type MergeNames, newId } from './maps.ts';

/** How the rows of a table come over: what is not named comes as it is. */
export interface TableRule {
  /** Columns that are given anew here: a row's own number. */
  readonly skip?: readonly string[];
  /** What a column becomes; `t` is the row as it comes. */
  readonly values?: Readonly<Record<string, string>>;
  readonly joins?: string;
  readonly where?: string;
  readonly conflict?: string;
}

const OF_RUN = 'JOIN run_map AS run ON run.theirs = t.run AND run.fresh';
const OF_ATTEMPT = 'JOIN attempt_map AS made ON made.theirs = t.attempt AND made.fresh';
const OF_VERSION = 'JOIN version_map AS model ON model.line = t.line AND model.theirs = t.version';
const attemptOf = (column: string): string => `(SELECT ours FROM attempt_map WHERE theirs = t.${column})`;
const madeRows: TableRule = { skip: ['id'], values: { attempt: 'made.ours' }, joins: OF_ATTEMPT };
const keyedRows: TableRule = { values: { attempt: 'made.ours' }, joins: OF_ATTEMPT };

/** Tables whose rows come over by a statement each, in this order: what others speak of comes first. */
export const tableRules = ({
  theirs,
  continues,
}: {
  theirs: string;
  continues: boolean;
}): Record<string, TableRule> => ({
  pipeline_text: { conflict: 'ON CONFLICT DO NOTHING' },
  run: {
    values: {
      id: 'run.ours',
      parent: '(SELECT ours FROM run_map WHERE theirs = t.parent)',
      origin: `CASE WHEN run.ours > 0 THEN NULL ELSE coalesce(t.origin, '${theirs}') END`,
      origin_run: 'CASE WHEN run.ours > 0 THEN NULL ELSE coalesce(t.origin_run, t.id) END',
    },
    joins: 'JOIN run_map AS run ON run.theirs = t.id AND run.fresh',
  },
  param: { values: { run: 'run.ours' }, joins: OF_RUN },
  attempt: {
    values: {
      id: 'made.ours',
      run: 'run.ours',
      origin: attemptOf('origin'),
      // What a stage printed stays where it was printed.
      log: 'CASE WHEN run.ours > 0 THEN t.log END',
    },
    joins: `${OF_RUN} JOIN attempt_map AS made ON made.theirs = t.id`,
  },
  metric: madeRows,
  gate: madeRows,
  decision: madeRows,
  note: madeRows,
  used: keyedRows,
  trial: keyedRows,
  fold_result: keyedRows,
  artifact: {
    values: {
      freed_at:
        'CASE WHEN t.hash IN (SELECT value FROM json_each(:objects)) THEN NULL ELSE coalesce(t.freed_at, :at) END',
    },
    conflict: `ON CONFLICT (hash) DO UPDATE SET freed_at = NULL
      WHERE freed_at IS NOT NULL AND excluded.freed_at IS NULL`,
  },
  attempt_artifact: { values: { attempt: 'made.ours', maker: attemptOf('maker') }, joins: OF_ATTEMPT },
  task_memo: {
    values: { attempt: 'made.ours' },
    joins: 'JOIN attempt_map AS made ON made.theirs = t.attempt',
    conflict: 'ON CONFLICT DO NOTHING',
  },
  model_version: {
    skip: ['id'],
    values: {
      version: 'model.ours',
      folder: `'artifacts/models/' || t.line || '/v' || model.ours`,
      attempt: attemptOf('attempt'),
    },
    joins: `${OF_VERSION} AND model.fresh`,
  },
  version_tag: {
    values: { version: 'model.ours' },
    joins: OF_VERSION,
    conflict: `ON CONFLICT (line, version, key) DO UPDATE SET value = excluded.value, actor = excluded.actor,
      at = excluded.at WHERE excluded.at > version_tag.at`,
  },
  deployment: {
    values: {
      id: newId('deployment', { continues, row: 'row_number() OVER (ORDER BY t.id)' }),
      from_version: versionOf('from_version'),
      to_version: versionOf('to_version'),
      attempt: attemptOf('attempt'),
    },
    where: `NOT EXISTS (SELECT 1 FROM main.deployment AS ours WHERE ours.line = t.line AND ours.at = t.at
      AND ours.kind = t.kind AND ours.alias IS t.alias AND ours.actor IS t.actor AND ours.reason = t.reason
      AND ours.to_version IS ${versionOf('to_version')} AND ours.from_version IS ${versionOf('from_version')})`,
  },
  drift_reference: {
    values: { version: 'model.ours', attempt: attemptOf('attempt') },
    joins: OF_VERSION,
    conflict: 'ON CONFLICT DO NOTHING',
  },
  drift_window: {
    skip: ['id'],
    // Numbers of predictions and labels are those of another log.
    values: { attempt: 'made.ours', version: 'model.ours', last_prediction: 'NULL', last_label: 'NULL' },
    joins: `${OF_ATTEMPT} ${OF_VERSION}`,
    conflict: 'ON CONFLICT DO NOTHING',
  },
  drift_test: {
    skip: ['id'],
    values: { window: 'ours.id' },
    joins: `JOIN source.drift_window AS judged ON judged.id = t.window
      JOIN attempt_map AS made ON made.theirs = judged.attempt AND made.fresh
      JOIN version_map AS model ON model.line = judged.line AND model.theirs = judged.version
      JOIN main.drift_window AS ours ON ours.attempt = made.ours AND ours.line = judged.line AND ours.version = model.ours
        AND ours.simulated = judged.simulated AND ours.digest = judged.digest`,
  },
  retrain_decision: {
    skip: ['id'],
    values: { run: '(SELECT ours FROM run_map WHERE theirs = t.run)' },
    // Whose run has become known since says so now.
    conflict: 'ON CONFLICT (uid) DO UPDATE SET run = coalesce(retrain_decision.run, excluded.run)',
  },
  quarantined_feedback: { conflict: 'ON CONFLICT DO NOTHING' },
});

function versionOf(column: string): string {
  return `(SELECT ours FROM version_map WHERE version_map.line = t.line AND theirs = t.${column})`;
}

/** Tables that have a way of their own: live rows, what points at the newest of something, and what is this log's alone. */
export const OTHERWISE = [
  'alias',
  'prediction',
  'prediction_input',
  'past_prediction',
  'label',
  'unmatched_label',
  'forgotten',
  'accepted_feedback',
  'feedback_outcome',
  'log_name',
] as const;

export interface TableMerge extends Pick<MergeNames, 'theirs'> {
  readonly continues: boolean;
  /** Hashes of objects that are in the store here. */
  readonly objects: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Brings over the rows of every table that has a rule. The maps are there, and the caller holds the transaction. */
export function mergeTables(log: RunLog, { theirs, continues, objects, at }: TableMerge): void {
  const { database } = log;
  for (const [table, rule] of Object.entries(tableRules({ theirs, continues }))) {
    const { skip = [], values = {}, joins = '', where = 'TRUE', conflict = '' } = rule;
    const columns = (database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]).filter(
      (name) => !skip.includes(name),
    );
    const taken = columns.map((name) => values[name] ?? `t.${name}`);
    const sql = `INSERT INTO main.${table} (${columns.join(', ')})
      SELECT ${taken.join(', ')} FROM source.${table} AS t ${joins} WHERE ${where} ${conflict}`;
    const bound = { objects: JSON.stringify(objects), at };
    database.prepare(sql).run(Object.fromEntries(Object.entries(bound).filter(([name]) => sql.includes(`:${name}`))));
  }
}
