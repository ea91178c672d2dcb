import type { Schedule } from '../domain/model.ts';
import { assertNever } from '../util/assert-never.ts';

/** The learning rate of an epoch, from 1, out of `epochs`. */
export function rateAt(schedule: Schedule, rate: number, { epoch, epochs }: { epoch: number; epochs: number }): number {
  switch (schedule.type) {
    case 'constant':
      return rate;
    case 'step':
      return rate * schedule.factor ** Math.floor((epoch - 1) / schedule.every);
    case 'cosine':
      // Loshchilov and Hutter, 2017, one half wave, so that the first epoch has the whole rate and the last still some.
      return (rate / 2) * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs));
    default:
      return assertNever(schedule);
  }
}
