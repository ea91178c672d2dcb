import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type FuzzedRequest, fuzzedRequests } from '../rig/fuzz-requests.ts';
import { inferBody, rawRows } from '../rig/serve.ts';
import {
  type Serving,
  startServing,
  untilReady,
  type VersionsProject,
  versionsProject,
} from '../rig/versions-project.ts';

const REQUESTS = 10_000;

/** At once; and how many of them hold a connection open with half a request, all the time. */
const AT_ONCE = 16;
const SLOW = 20;

/** Milliseconds in which a request that was sent whole is answered, or its connection closed. */
const PATIENCE_MS = 10_000;

let project: VersionsProject;
afterEach(() => project.dispose());

/** Sends a request and waits until the server is done with it: everything it said, or undefined where it hangs. */
function send({ bytes, end, pieces }: FuzzedRequest, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const late = setTimeout(() => settle(undefined), PATIENCE_MS);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const settle = (said: string | undefined): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(said);
    };
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('end', () => settle(text));
    socket.on('close', () => settle(text));
    socket.on('error', () => undefined);
    socket.on('connect', async () => {
      const step = Math.ceil(bytes.length / pieces);
      for (let from = 0; from < bytes.length; from += step) {
        await new Promise((done) => socket.write(bytes.subarray(from, from + step), done));
      }
      if (end === 'half') socket.end();
      if (end === 'reset') {
        socket.resetAndDestroy();
        settle('');
      }
    });
  });
}

/** The body of the first answer; what was wrongly framed may get a second. */
function bodyOf(said: string): string {
  const from = said.indexOf('\r\n\r\n') + 4;
  const length = Number(/^content-length: (\d+)\r$/im.exec(said.slice(0, from))?.[1]);
  return said.slice(from, from + length);
}

async function expectRightAnswers({ client }: Serving): Promise<void> {
  for (const rows of [1, 5]) {
    const inputs = rawRows(rows, rows);
    const expected = await project.versions[0]?.answersOf(inputs, rows);
    const { status, json } = await client.ask('/v2/models/toy/infer', { body: inferBody(inputs, rows) });
    expect(status).toBe(200);
    const { outputs } = json as { readonly outputs: readonly { readonly data: readonly number[] }[] };
    expected?.forEach((value, at) => {
      expect(Math.abs(value - (outputs[0]?.data[at] ?? 9))).toBeLessThan(1e-5);
    });
  }
}

test(`${REQUESTS} malformed requests end in no crash, no 500 and no hang`, async () => {
  project = await versionsProject(1);
  project.promote(1);
  const serving = await startServing(project, ['--max-body', '60000']);
  await untilReady(serving);
  await expectRightAnswers(serving);
  const slow = Array.from({ length: SLOW }, () => {
    const socket = connect(serving.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /v2/models/toy/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"in',
    );
    return socket;
  });
  const requests = fuzzedRequests(REQUESTS, 20);
  const statuses = new Map<string, number>();
  const faults: string[] = [];
  const work = async (): Promise<void> => {
    for (const request of requests) {
      const said = await send(request, serving.port);
      const status = said === undefined ? 'hangs' : (/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 'closed');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isHead = request.bytes.subarray(0, 4).toString() === 'HEAD';
      const body = bodyOf(said ?? '');
      const isRight = /^4/.test(status) ? isHead || /^\{"error":".*"\}$/.test(body) : /^2|closed/.test(status);
      if (!isRight)
        faults.push(`${status} ${body} for ${request.kind}: ${request.bytes.toString('latin1').slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
  expect(Object.fromEntries(statuses)).toMatchObject({
    400: expect.any(Number),
    404: expect.any(Number),
    415: expect.any(Number),
  });
  expect(statuses.get('400')).toBeGreaterThan(REQUESTS / 4);
  await expectRightAnswers(serving);
  const metrics = (await serving.client.ask('/metrics')).bytes.toString();
  expect(metrics.match(/code="5(?!03)\d\d"/g)).toBeNull();
  // This one, and those that never come to an end.
  for (const socket of slow) socket.destroy();
  await expect
    .poll(async () => (await serving.client.ask('/metrics')).bytes.toString())
    .toContain('mlloop_requests_in_progress 1\n');
  serving.client.close();
  const { status, stdout, stderr } = await serving.stop();
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/"level":[56]0/);
  expect(stderr).toMatch(/^Listening on .*\nStopping: .*\n$/);
});
