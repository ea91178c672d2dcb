import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { createProject } from '../rig/project.ts';
import { inferBody, rawRows } from '../rig/serve.ts';
import { startServing, untilReady, type VersionsProject, versionsProject } from '../rig/versions-project.ts';

let project: Project;
afterEach(() => project.dispose());

const INFER = '/v2/models/toy/infer';
const inputs = rawRows(1);

interface Inferred {
  readonly model_version: string;
  readonly outputs: readonly { readonly data: readonly number[] }[];
}

/** Makes whoever loads the youngest version wait for a pipe that nobody writes to; returns what puts its file back. */
function hang({ versions }: VersionsProject): () => void {
  const file = join(versions.at(-1)?.folder ?? '', 'version.json');
  const bytes = readFileSync(file);
  rmSync(file);
  execFileSync('mkfifo', [file]);
  return () => {
    // Who waits gets an end; who comes later, the file.
    const waiting = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    rmSync(file);
    writeFileSync(file, bytes);
    closeSync(waiting);
  };
}

/** The largest difference between an answer and what training answered. */
async function difference(served: VersionsProject, rows: Uint8Array, answer: unknown): Promise<number> {
  const { model_version: version, outputs } = answer as Inferred;
  const expected = await served.versions[Number(version) - 1]?.answersOf(rows, 1);
  const given = outputs[0]?.data ?? [];
  return Math.max(...[...(expected ?? [Number.NaN])].map((value, at) => Math.abs(value - (given[at] ?? 9))));
}

describe('mlloop serve', () => {
  test('answers with the champion, follows 50 promotions under load without a failed request, and stops', async () => {
    const served = await versionsProject(2);
    project = served;
    served.promote(1);
    const serving = await startServing(project, ['--poll', '10']);
    await untilReady(serving);
    const { client } = serving;
    const seen = new Map<string, number>();
    let worst = 0;
    let isOver = false;
    const asking = Array.from({ length: 4 }, async (_, seed) => {
      const rows = rawRows(1, seed);
      while (!isOver) {
        const { status, json } = await client.ask(INFER, { body: inferBody(rows, 1) });
        expect(status).toBe(200);
        const { model_version: version } = json as Inferred;
        seen.set(version, (seen.get(version) ?? 0) + 1);
        worst = Math.max(worst, await difference(served, rows, json));
      }
    });
    const ready = async (): Promise<void> => {
      while (!isOver) expect((await client.ask('/v2/health/ready')).status).toBe(200);
    };
    asking.push(ready());
    for (let swap = 1; swap <= 50; swap++) {
      const version = (swap % 2) + 1;
      served.promote(version);
      while ((await client.ask(`/v2/models/toy/versions/${version}/ready`)).status !== 200);
    }
    isOver = true;
    await Promise.all(asking);
    expect(worst).toBeLessThan(1e-5);
    expect([...seen.keys()].sort()).toEqual(['1', '2']);
    const metrics = (await client.ask('/metrics')).bytes.toString();
    expect(metrics).toContain('mlloop_model_loads_total{model="toy",outcome="loaded"} 51');
    client.close();
    const { status, stderr } = await serving.stop();
    expect(status).toBe(0);
    expect(stderr).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+\nStopping: requests under way are finished\.\n$/);
  });

  test('finishes the requests that are under way when it is asked to stop, and takes no more', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    const serving = await startServing(project);
    await untilReady(serving);
    const { port, client } = serving;
    const body = JSON.stringify(inferBody(inputs, 1));
    const head = `POST ${INFER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    let text = '';
    socket.on('data', (piece: string) => {
      text += piece;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.write(`${head}${body.slice(0, 20)}`, resolve));
    // The server has the first half when it answers what was sent after it.
    await client.ask('/v2/health/live');
    serving.child.kill('SIGTERM');
    await new Promise<void>((resolve) => {
      const again = (): void => {
        const other = connect(port, '127.0.0.1');
        other.on('error', () => resolve());
        other.on('connect', () => {
          other.destroy();
          setImmediate(again);
        });
      };
      again();
    });
    socket.write(body.slice(20));
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await difference(served, inputs, JSON.parse(text.slice(text.indexOf('\r\n\r\n'))))).toBeLessThan(1e-5);
    expect((await serving.end).status).toBe(0);
    client.close();
  });

  test('does not wait longer than its grace for a client that never finishes', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    const serving = await startServing(project, ['--grace', '300']);
    await untilReady(serving);
    const socket = connect(serving.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const head = `POST ${INFER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    await new Promise((resolve) => socket.write(head, resolve));
    await serving.client.ask('/v2/health/live');
    serving.client.close();
    const { status, stdout } = await serving.stop();
    expect(status).toBe(0);
    expect(stdout).toContain('"msg":"requests were not finished in time"');
  });

  test('is not ready while it drains, and still answers', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    const serving = await startServing(project, ['--drain', '1000']);
    await untilReady(serving);
    serving.child.kill('SIGINT');
    while ((await serving.client.ask('/v2/health/ready')).status === 200);
    expect((await serving.client.ask('/v2/health/ready')).json).toEqual({
      ready: false,
      live: true,
      error: 'The server is stopping.',
    });
    expect((await serving.client.ask(INFER, { body: inferBody(inputs, 1) })).status).toBe(200);
    serving.client.close();
    expect((await serving.end).status).toBe(0);
  });

  test('starts where nothing is deployed yet, even before there is a log, and is ready when something is', async () => {
    const served = await versionsProject(1);
    project = served;
    const serving = await startServing(project, ['--poll', '10']);
    expect((await serving.client.ask('/v2/health/ready')).json).toEqual({
      ready: false,
      live: true,
      error: 'No model is deployed yet. Deploy one with: npm run pipeline',
    });
    served.promote(1);
    await untilReady(serving);
    expect((await serving.client.ask(INFER, { body: inferBody(inputs, 1) })).status).toBe(200);
    serving.client.close();
    expect((await serving.stop()).status).toBe(0);
    const empty = createProject({ 'pipeline.yaml': project.read('pipeline.yaml') });
    const waiting = await startServing(empty);
    expect((await waiting.client.ask('/v2/health/live')).status).toBe(200);
    waiting.client.close();
    expect((await waiting.stop()).status).toBe(0);
    empty.dispose();
  });

  test('logs what happens as JSON lines, and no input', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    const serving = await startServing(project, ['--log-level', 'debug']);
    await untilReady(serving);
    const body = inferBody([77, 77, 77, 77, 77, 77, 77, 77, 77, 77, 77, 77], 1, { id: 'a client wrote this' });
    expect((await serving.client.ask(INFER, { body })).status).toBe(200);
    expect((await serving.client.ask(INFER, { body: '{"secret' })).status).toBe(400);
    serving.client.close();
    const { stdout } = await serving.stop();
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['version answers', 'request completed', 'stopping', 'version retired', 'stopped']),
    );
    expect(stdout).not.toMatch(/77,77|secret|a client wrote/);
  });

  test('leaves nothing in the home of whoever starts it: no library reports to its maker', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    served.write('home/.keep', '');
    const serving = await startServing(project, [], { HOME: project.path('home') });
    await untilReady(serving);
    expect((await serving.client.ask(INFER, { body: inferBody(inputs, 1) })).status).toBe(200);
    serving.client.close();
    expect((await serving.stop()).status).toBe(0);
    expect(readdirSync(project.path('home'))).toEqual(['.keep']);
  });

  test('ends, and says why, where the version it begins with hangs while it is loaded', async () => {
    const served = await versionsProject(1);
    project = served;
    served.promote(1);
    hang(served);
    const serving = await startServing(project, ['--load', '300']);
    serving.client.close();
    const { signal, stderr } = await serving.end;
    const [, ...lines] = stderr.trim().split('\n');
    expect(lines).toEqual([
      `The thread that loads ${served.versions[0]?.folder} was not ready after 300 ms, and was given up.`,
      'Look whether the disk answers (mlloop doctor) and at what else the machine does; serve --load MS waits longer.',
      'Stopping: requests under way are finished.',
      'A thread that was given up does not end: the operating system does not come back to it. The server ends itself with SIGKILL.',
    ]);
    expect(signal).toBe('SIGKILL');
  });

  test('goes on with the version before where one hangs while it is loaded, and takes it when it does not any more', async () => {
    const served = await versionsProject(2);
    project = served;
    served.promote(1);
    const serving = await startServing(project, ['--load', '2000', '--poll', '10']);
    await untilReady(serving);
    const answered = async (): Promise<string> =>
      ((await serving.client.ask(INFER, { body: inferBody(inputs, 1) })).json as Inferred).model_version;
    const release = hang(served);
    served.promote(2);
    const metrics = async (): Promise<string> => (await serving.client.ask('/metrics')).bytes.toString();
    await expect.poll(metrics, { timeout: 10_000 }).toMatch(/model_loads_total\{model="toy",outcome="refused"\} 1/);
    expect(await metrics()).toContain('mlloop_model_stale{model="toy"} 1');
    expect(await answered()).toBe('1');
    release();
    await expect.poll(answered, { timeout: 10_000 }).toBe('2');
    serving.client.close();
    const { status, stdout } = await serving.stop();
    expect(status).toBe(0);
    expect(stdout).toMatch(/"version":2,"kept":1,"problem":"The thread that loads .* was not ready after 2000 ms/);
  }, 30_000);

  test('cannot listen where somebody else does', async () => {
    const served = await versionsProject(0);
    project = served;
    const serving = await startServing(project);
    const { status, stderr } = await project.mlloop(['serve', '--port', String(serving.port)]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^The server cannot listen on 127\.0\.0\.1, port \d+: .*EADDRINUSE.*\nGive another one with --port/,
    );
    serving.client.close();
    await serving.stop();
  });

  test.each([
    [['--port', 'x'], /--port <n>.*It has to be a whole number from 0 to 65535/],
    [['--deadline', '0'], /--deadline <ms>.*It has to be a whole number from 1 to/],
    [['--log-level', 'loud'], /--log-level <level>.*Allowed choices are/],
  ])('refuses %j', async (args, message) => {
    project = createProject({});
    const { status, stderr } = await project.mlloop(['serve', ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('shows every limit with its default', async () => {
    project = createProject({});
    const { stdout } = await project.mlloop(['serve', '--help']);
    for (const [flag, value] of [
      ['--host', '"127.0.0.1"'],
      ['--port', '8080'],
      ['--deadline', '200'],
      ['--queue-rows', '2048'],
      ['--batch-rows', '64'],
      ['--max-body', '4194304'],
      ['--timeout', '5000'],
      ['--load', '120000'],
      ['--grace', '10000'],
    ]) {
      expect(stdout.replace(/\s+/g, ' ')).toMatch(new RegExp(`${flag} [^)]*\\(default: ${value}\\)`));
    }
  });
});
