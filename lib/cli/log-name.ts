import { type Failure, failure } from '../domain/failure.ts';
import { LOG_NAME } from '../domain/log-name.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Io } from './io.ts';
import { isCi } from './is-ci.ts';
import { hostName } from './project.ts';

/** A log's name as somebody typed it; undefined where nobody did. */
export function saidName(said: string | undefined): Result<string | undefined, Failure> {
  return said === undefined || LOG_NAME.test(said) ? ok(said) : err(failure('STATE_NAME', { name: said }));
}

/** What a log is called that nobody has named: 'ci' where CI says so, else after the machine. */
export const defaultName = ({ env }: Io): string => (isCi(env) ? 'ci' : nameOfHost(hostName()));

/** The first part of a host's name, of the characters a log's name may have. */
export function nameOfHost(host: string): string {
  const plain = (host.split('.')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 32);
  return LOG_NAME.test(plain) ? plain : 'local';
}
