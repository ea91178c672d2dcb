import { type Failure, failureText } from '../../domain/failure.ts';
import { type GateRecord, gateRecord } from '../../domain/gate.ts';
import type { SelfTest } from '../../ml/load-model.ts';
import type { Result } from '../../util/result.ts';
import type { ServedAnswers } from './ask-served.ts';

/** Milliseconds a row may take over HTTP on this machine, from the request to its answer. */
export interface LatencyBudget {
  readonly latencyP50Ms?: number;
  readonly latencyP99Ms?: number;
}

/** A server that is asked nothing else sheds what takes longer; the slowest of a hundred depends on what else the machine does. */
const DEFAULT_BUDGET: LatencyBudget = { latencyP50Ms: 200 };

/** Whether what clients got is what training gave, in time. */
export function servingGate(served: Result<ServedAnswers, Failure>, budget: LatencyBudget = {}): GateRecord[] {
  if (!served.ok) {
    const note = failureText(served.failure);
    return [gateRecord({ gate: 'serving', name: 'httpDifference', verdict: 'refused', note })];
  }
  const { p50Ms, p99Ms, calls } = served.value;
  const limits = { ...DEFAULT_BUDGET, ...budget };
  return [
    goldenRow('httpDifference', served.value),
    latency('httpLatencyP50Ms', { ms: p50Ms, calls, budget: limits.latencyP50Ms }),
    latency('httpLatencyP99Ms', { ms: p99Ms, calls, budget: limits.latencyP99Ms }),
  ];
}

/** What a model answered to the golden batch, beside what training gave. */
export function goldenRow(name: string, { maxDifference, tolerance, passed, rows }: TestedRows): GateRecord {
  const isNumber = Number.isFinite(maxDifference);
  return gateRecord({
    gate: 'serving',
    name,
    value: isNumber ? maxDifference : null,
    limit: 'max',
    threshold: tolerance,
    rows,
    verdict: passed ? 'passed' : 'refused',
    note: isNumber ? '' : 'its answers are no numbers, or not as many',
  });
}

type TestedRows = SelfTest & Pick<ServedAnswers, 'rows'>;

interface Timed {
  readonly ms: number;
  readonly calls: number;
  readonly budget: number | undefined;
}

function latency(name: string, { ms, calls, budget }: Timed): GateRecord {
  const measured = { gate: 'serving', name, value: ms, rows: calls } as const;
  if (budget === undefined) return gateRecord({ ...measured, verdict: 'passed' });
  const verdict = ms <= budget ? 'passed' : 'refused';
  return gateRecord({ ...measured, limit: 'max', threshold: budget, verdict });
}
