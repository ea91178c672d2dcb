import { type Failure, formatFailure } from '../../lib/domain/failure.ts';
import type { Result } from '../../lib/util/result.ts';

/** The whole message of a result that should have failed, with the test's own folder written as DIR. */
export function messageOf(result: Result<unknown, Failure>, folder = ''): string {
  if (result.ok) return 'it did not fail';
  const text = formatFailure(result.failure);
  return folder === '' ? text : text.replaceAll(folder, 'DIR');
}

/** The value of a result that should have succeeded. */
export function unwrap<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(formatFailure(result.failure));
  return result.value;
}
