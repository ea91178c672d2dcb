import { Counter, Gauge } from 'prom-client';
import { LABEL_OUTCOMES } from '../../domain/live.ts';
import type { ServerPlugin } from '../build-server.ts';
import type { LiveCounts, LiveLog } from './live-log.ts';

/** What became of predictions and labels on their way to the log, for Prometheus. */
export const recordMetrics =
  (log: LiveLog): ServerPlugin =>
  (_, { metrics: { registry } }) => {
    const registers = [registry];
    /** Counted elsewhere, and copied when somebody looks. */
    const count = (name: string, help: string, of: (counts: LiveCounts) => number): void => {
      new Counter({
        name: `mlloop_${name}_total`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(of(log.counts()));
        },
      });
    };
    count('predictions_recorded', 'Rows that were answered and are on record.', ({ recorded }) => recorded);
    count('predictions_lost', 'Rows that were answered and will never be on record.', ({ lost }) => lost);
    count('labels_joined', 'Labels that had come before their prediction, and found it.', ({ joined }) => joined);
    count(
      'inputs_expired',
      'Inputs that nobody labelled in time, and that were deleted.',
      ({ expired }) => expired.inputs,
    );
    count(
      'predictions_expired',
      'Rows that nobody labelled in time, and that were deleted.',
      ({ expired }) => expired.answers,
    );
    new Gauge({
      name: 'mlloop_predictions_waiting',
      help: 'Rows that were answered and wait to be put on record.',
      registers,
      collect() {
        this.set(log.counts().waiting);
      },
    });
    new Gauge({
      name: 'mlloop_record_stuck',
      help: '1 where nothing can be put on record at the moment.',
      registers,
      collect() {
        this.set(log.counts().problem === undefined ? 0 : 1);
      },
    });
    new Counter({
      name: 'mlloop_labels_total',
      help: 'Labels that were acknowledged, by what they were.',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        const { labels } = log.counts();
        for (const outcome of LABEL_OUTCOMES) this.inc({ outcome }, labels[outcome]);
      },
    });
  };
