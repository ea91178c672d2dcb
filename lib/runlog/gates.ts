import type { GateRecord } from '../domain/gate.ts';
import type { RunLog } from './open.ts';

/** Of the table `gate`, as a GateRecord has them. */
export const GATE_COLUMNS = `gate.gate, gate.name, gate.slice, gate.value, gate.low, gate.high, gate.p_value AS pValue,
  gate.limit_kind AS "limit", gate.threshold, gate.sample_rows AS rows, gate.verdict, gate.note`;

/** The checks behind an entry of the deployment ledger; none where a person made it. */
export const gatesOfEntry = (log: RunLog, entry: number): GateRecord[] =>
  log
    .prepare(`SELECT ${GATE_COLUMNS} FROM gate JOIN deployment ON deployment.attempt = gate.attempt
      WHERE deployment.id = ? ORDER BY gate.id`)
    .all(entry) as GateRecord[];
