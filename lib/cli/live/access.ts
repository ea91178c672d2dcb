import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import { relative, resolve } from 'node:path';
import { type Failure, failure } from '../../domain/failure.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Io } from '../io.ts';

/** Fewer characters can be guessed. */
const LEAST_LENGTH = 16;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** The token that writing needs: from a file, or from the environment; undefined where there is none. */
export function readToken(file: string | undefined, io: Pick<Io, 'env' | 'cwd'>): Result<string | undefined, Failure> {
  const found =
    file === undefined ? ok({ where: 'MLLOOP_TOKEN', text: io.env['MLLOOP_TOKEN'] }) : readTokenFile(file, io);
  if (!found.ok) return found;
  const { where, text } = found.value;
  if (text === undefined) return ok(undefined);
  const token = text.trim();
  if (token.length >= LEAST_LENGTH && /^[\x21-\x7e]+$/.test(token)) return ok(token);
  const problem = `it has to be one word of at least ${LEAST_LENGTH} characters, and has ${token.length}`;
  return err(failure('SERVE_TOKEN', { where, problem }));
}

function readTokenFile(
  file: string,
  { cwd }: Pick<Io, 'cwd'>,
): Result<{ readonly where: string; readonly text: string | undefined }, Failure> {
  const path = resolve(cwd, file);
  const where = relative(cwd, path);
  try {
    return ok({ where, text: readFileSync(path, 'utf8') });
  } catch (error) {
    return err(failure('SERVE_TOKEN', { where, problem: error instanceof Error ? error.message : String(error) }));
  }
}

/** Whether only this machine can reach an address; a name counts by every address it stands for. */
export async function isLoopback(host: string): Promise<boolean> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return (
    addresses.length > 0 && addresses.every(({ address }) => LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
  );
}
