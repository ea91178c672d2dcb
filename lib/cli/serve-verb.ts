import { once } from 'node:events';
import { existsSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { packagesFolderOf } from '../cache/bundle.ts';
import { openMemo } from '../cache/memo.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { buildServer } from '../serve/build-server.ts';
import type { ServeLimits } from '../serve/limits.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { isLoopback, readToken } from './live/access.ts';
import { endAnyway } from './live/end-anyway.ts';
import { openLiveSide } from './live/open-live-side.ts';
import { builtFile, foldersOf, refuse } from './project.ts';
import { recallProject } from './recall-project.ts';
import { openRegistryFeed } from './registry-feed.ts';
import { saveMemo } from './save-memo.ts';
import { packageVersion } from './version.ts';

export interface ServeOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly alias: string;
  /** A line of models; the pipeline's own, real and generated, when it is left out. */
  readonly line?: string;
  /** A file with the token that writing needs; MLLOOP_TOKEN when it is left out. */
  readonly tokenFile?: string;
  readonly deadline: number;
  readonly queueRows: number;
  readonly batchRows: number;
  readonly maxBody: number;
  readonly receive: number;
  readonly timeout: number;
  readonly load: number;
  readonly poll: number;
  readonly drain: number;
  readonly grace: number;
  readonly logLevel: string;
}

/** Milliseconds that threads which were given up have to end in when the server has. */
const ENDING_MS = 500;

const limitsOf = (options: ServeOptions): ServeLimits => ({
  deadlineMs: options.deadline,
  queueRows: options.queueRows,
  batchRows: options.batchRows,
  maxBodyBytes: options.maxBody,
  receiveMs: options.receive,
  timeoutMs: options.timeout,
  loadMs: options.load,
  pollMs: options.poll,
  drainMs: options.drain,
  graceMs: options.grace,
});

/** `mlloop serve`: answers over HTTP with the version behind an alias, and follows it, until it is asked to stop. */
export async function serveVerb(options: ServeOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const { root, state } = folders;
  const memo = openMemo(state.memo);
  const loaded = await recallProject(root, {}, { memo, installation });
  if (!loaded.ok) return refuse(io, loaded.failure);
  if (existsSync(state.artifacts)) saveMemo({ memo, folders });
  const { alias, line, host, port, logLevel } = options;
  const token = readToken(options.tokenFile, io);
  if (!token.ok) return refuse(io, [token.failure]);
  if (token.value === undefined && !(await isLoopback(host))) return refuse(io, [failure('SERVE_NO_TOKEN', { host })]);
  const feed = openRegistryFeed({ state, alias, line, pipeline: loaded.value.pipeline.name });
  if (!feed.ok) return refuse(io, [feed.failure]);
  // Whatever loads an engine looks for its packages there.
  process.env['MLLOOP_PACKAGES'] = packagesFolderOf(root, installation.home);
  const { log: policy } = loaded.value.pipeline;
  const live = openLiveSide({ state, policy, token: token.value, clock: io.clock, installation });
  const hung: Failure[] = [];
  const isHung = new AbortController();
  const server = await buildServer({
    feed: feed.value,
    threadFile: builtFile(installation.built, 'serve-thread'),
    version: packageVersion(installation.home),
    alias,
    clock: io.clock,
    predictions: live.log,
    plugins: live.plugins,
    limits: limitsOf(options),
    logger: logLevel === 'silent' ? false : { level: logLevel, stream: { write: logLine } },
    logRequests: logLevel === 'debug',
    onHung: (fault) => {
      hung.push(fault);
      isHung.abort();
    },
  });
  try {
    await server.app.listen({ host, port });
  } catch (error) {
    await server.stop();
    await live.log.close();
    feed.value.close();
    const problem = error instanceof Error ? error.message : String(error);
    return refuse(io, [failure('SERVE_CANNOT_LISTEN', { host, port, problem })]);
  }
  const { port: bound } = server.app.server.address() as AddressInfo;
  keepYoungSpaceSmall();
  io.stderr(`Listening on http://${host.includes(':') ? `[${host}]` : host}:${bound}\n`);
  io.onAtOnce(() => endAnyway(server.unended(), io));
  const isOver = AbortSignal.any([io.signal, isHung.signal]);
  if (!isOver.aborted) await once(isOver, 'abort');
  const exitCode = hung.length === 0 ? EXIT.done : refuse(io, hung);
  io.stderr('Stopping: requests under way are finished.\n');
  await server.stop();
  await live.log.close();
  feed.value.close();
  await wait(server.unended() === 0 ? 0 : ENDING_MS);
  endAnyway(server.unended(), io);
  return exitCode;
}

/** Where a line of the server's log cannot be written, the next one may be: a full disk is no reason to stop answering. */
function logLine(line: string): void {
  try {
    writeSync(process.stdout.fd, line);
  } catch {
    // Whoever would be told of it reads what could not be written.
  }
}

/**
 * The space for new objects stays what it has grown to by now. Left alone it doubles and doubles again under load, and with it the bodies
 * of requests that wait in the C library's memory to be collected.
 */
const keepYoungSpaceSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');
