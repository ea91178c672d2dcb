import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { type Failure, failure } from '../domain/failure.ts';
import { formatBytes } from '../util/format-bytes.ts';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';

export interface DownloadRequest {
  readonly url: string;
  readonly target: string;
  readonly sha256: string;
  /** The length of the whole file; more is refused before it is all here. */
  readonly bytes: number;
  /** How long a host may take to begin an answer; an offline machine gives up after it. */
  readonly connectTimeoutMs: number;
  /** How long an answer may stand still. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total: number) => void;
}

/** Why a download failed; `hasAnswered` is false when the host was never reached. */
export interface DownloadFault {
  readonly failure: Failure;
  readonly hasAnswered: boolean;
}

/** Aborts after a time without a sign of life. */
class Watchdog {
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#abort.signal]);
  }

  expect(withinMs: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`${what} within ${withinMs / 1000} s`)), withinMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** fetch says only 'fetch failed'; what happened is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return code === '' || cause.message.includes(code) ? cause.message : `${code} ${cause.message}`;
}

/** A fault of the transfer that is told as it is. */
class TransferError extends Error {}

async function copyBody(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  { request, watchdog }: Transfer,
): Promise<void> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of body) {
    watchdog.expect(request.stallTimeoutMs, 'nothing more came');
    done += chunk.length;
    if (done > request.bytes) throw new TransferError(`it is longer than the ${request.bytes} bytes of the original`);
    hash.update(chunk);
    await file.writeFile(chunk);
    request.onBytes(done, request.bytes);
  }
  if (done < request.bytes) {
    throw new TransferError(`the connection ended after ${formatBytes(done)} of ${formatBytes(request.bytes)}`);
  }
  const digest = hash.digest('hex');
  if (digest !== request.sha256) {
    throw new TransferError(`its SHA-256 is ${digest}, expected ${request.sha256}`);
  }
}

interface Transfer {
  readonly request: DownloadRequest;
  readonly watchdog: Watchdog;
}

async function transfer(response: Response, temporary: string, parts: Transfer): Promise<void> {
  if (!response.ok || response.body === null) throw new TransferError(`the host answered ${response.status}`);
  const file = await open(temporary, 'w');
  try {
    await copyBody(response.body, file, parts);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes empty folders from the innermost outwards, `outermost` last. */
function removeEmpty(innermost: string, outermost: string): void {
  let folder = resolve(innermost);
  while (folder.startsWith(resolve(outermost)) && readdirSync(folder).length === 0) {
    rmdirSync(folder);
    folder = dirname(folder);
  }
}

/**
 * Fetches one file whose hash is known. It appears under its name when all of it is there and its SHA-256 is right; a
 * broken transfer leaves nothing behind.
 */
export async function download(request: DownloadRequest): Promise<Result<void, DownloadFault>> {
  const { url, target } = request;
  // An empty folder left behind would change what the next run finds.
  const created = mkdirSync(dirname(target), { recursive: true });
  const temporary = temporaryBeside(target);
  const watchdog = new Watchdog(request.signal);
  let hasAnswered = false;
  try {
    watchdog.expect(request.connectTimeoutMs, 'no answer');
    const response = await fetch(url, { signal: watchdog.signal });
    hasAnswered = true;
    watchdog.expect(request.stallTimeoutMs, 'nothing more came');
    await transfer(response, temporary, { request, watchdog });
    renameSync(temporary, target);
    syncPath(dirname(target));
    return ok(undefined);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (created !== undefined) removeEmpty(dirname(target), created);
    if (request.signal.aborted) return err({ failure: failure('STAGE_INTERRUPTED', {}), hasAnswered });
    return err({ failure: failure('DATA_DOWNLOAD', { url, problem: reasonOf(error) }), hasAnswered });
  } finally {
    watchdog.stop();
  }
}
