import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { after } from '../../lib/util/after.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

test('something is done after thirty days, and not before', () => {
  const act = vi.fn();
  after(30 * DAY_MS, act);
  vi.advanceTimersByTime(30 * DAY_MS - 1);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledTimes(1);
});

test('what is called off is not done, however far its time has gone', () => {
  const act = vi.fn();
  const callOff = after(30 * DAY_MS, act);
  vi.advanceTimersByTime(29 * DAY_MS);
  callOff();
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(act).not.toHaveBeenCalled();
});
