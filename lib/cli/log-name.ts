import { type Failure, failure } from '../domain/failure.ts';
import { LOG_NAME } from '../domain/log-name.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Io } from './io.ts';
import { isCi } from './is-ci.ts';
import { hostName } from './project.ts';

/** What this machine's log is called elsewhere: as it was said, 'ci' where CI says so, else after the machine. */
export function logName(said: string | undefined, { env }: Io): Result<string, Failure> {
  if (said !== undefined) return LOG_NAME.test(said) ? ok(said) : err(failure('STATE_NAME', { name: said }));
  if (isCi(env)) return ok('ci');
  return ok(nameOfHost(hostName()));
}

/** The first part of a host's name, of the characters a log's name may have. */
export function nameOfHost(host: string): string {
  const plain = (host.split('.')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 32);
  return LOG_NAME.test(plain) ? plain : 'local';
}
