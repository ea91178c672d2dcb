import type { Clock } from '../util/clock.ts';
import type { Admission } from './door/admission.ts';
import type { ServeLimits } from './limits.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ModelTable } from './model-table.ts';
import type { Predictor } from './predict.ts';

/** What the server's routes work with, and what a plugin is given. */
export interface ServerParts {
  /** The lines of models, and the version that answers for each. */
  readonly models: ModelTable;
  /** Asks a version; what it answers is logged, counted and has an id. */
  readonly predictor: Predictor;
  /** Who is let in when there is too much to do. */
  readonly admission: Admission;
  readonly metrics: ServerMetrics;
  readonly limits: ServeLimits;
  readonly clock: Clock;
  /** mlloop's own version. */
  readonly version: string;
  readonly state: ServerState;
}

export interface ServerState {
  /** True from the moment the server was asked to stop: it is not ready then, and finishes what it has begun. */
  isStopping: boolean;
}
