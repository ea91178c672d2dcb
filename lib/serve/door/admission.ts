import type { Fault } from '../fault.ts';
import type { ServeLimits } from '../limits.ts';
import type { ServerMetrics } from '../metrics/server-metrics.ts';
import type { ModelTable } from '../model-table.ts';
import type { TurnGate } from './turn-gate.ts';

/** Says of a request, before anything of it is parsed, that it could not be answered in time. */
export interface Admission {
  /** Why a question with this path is refused; nothing where it may come in, or is none. */
  refusal(url: string): Fault | undefined;
}

export interface AdmissionOptions {
  readonly gate: TurnGate;
  readonly models: Pick<ModelTable, 'find' | 'lines'>;
  readonly limits: Pick<ServeLimits, 'deadlineMs'>;
  readonly metrics: Pick<ServerMetrics, 'shed'>;
}

/** The line of models that a path asks, or no line where the first one answers. */
const QUESTION = /^\/(?:v2\/models\/([^/?]+)\/(?:versions\/[^/?]+\/)?infer|invocations|page\/preview\/([^/?]+))\/?$/;

export function createAdmission({ gate, models, limits, metrics }: AdmissionOptions): Admission {
  const ofTurn: Fault = {
    status: 503,
    error: `Too many requests are waiting: this one could not be answered within ${limits.deadlineMs} ms.`,
    retryAfter: 1,
    isShed: true,
  };
  return {
    refusal: (url) => {
      const [question, asked, previewed] = QUESTION.exec(url) ?? [];
      if (question === undefined) return undefined;
      if (!gate.admits()) {
        metrics.shed('event_loop');
        return ofTurn;
      }
      const line = asked ?? previewed;
      const state = line === undefined ? models.lines()[0] : models.find(line);
      const refused = state?.serving?.queue.refusal(1);
      if (refused !== undefined) metrics.shed('queue');
      return refused;
    },
  };
}
