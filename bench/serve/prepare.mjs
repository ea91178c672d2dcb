import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../measure.mjs';
import { mlloop } from '../timing.mjs';

/** Different bodies, so that nobody can keep an answer. */
const BODIES = 64;
const WIDTH = 784;

/** A state folder with two versions of 784-100-10, made by the shipped pipeline on generated digits. */
export function makeState(folder) {
  const grid = ['--set', 'optimize.params.grid.hidden=[[100]]'];
  const run = (...more) => mlloop(['run', '--profile', 'quick', '--state', folder, ...grid, ...more], home);
  run();
  run('--set', 'train.params.epochs=6', '--override', 'the bench swaps between two versions');
  return folder;
}

/** A copy for one server, which writes its own log. */
export function copyState(base, within) {
  const state = mkdtempSync(join(within, 'state-'));
  for (const name of ['runs.db', 'artifacts']) {
    cpSync(join(base, name), join(state, name), { recursive: true, verbatimSymlinks: true });
  }
  return state;
}

/** The line and its versions, the champion first. */
export function versionsIn(state) {
  const versions = JSON.parse(mlloop(['models', '--json', '--state', state], home).stdout);
  const live = versions.find(({ aliases }) => aliases.includes('champion'));
  if (live === undefined) throw new Error(`no version in ${state} is champion`);
  const others = versions.filter(({ line, version }) => line === live.line && version !== live.version);
  return { line: live.line, versions: [live, ...others].map(({ version }) => version) };
}

/** Requests for real rows, as JSON numbers and as raw bytes. */
export function requestsOf(state, line) {
  const file = join(state, 'artifacts', 'latest', 'preprocess', 'live', 'pixels.npy');
  if (!existsSync(file)) throw new Error(`${file} is not there: the bench asks about its rows`);
  const bytes = readFileSync(file);
  const count = Math.min(BODIES, Math.floor((bytes.length - 128) / WIDTH));
  // The header of an .npy file comes first; its rows are the end of it.
  const rows = Array.from({ length: count }, (_, row) => {
    const from = bytes.length - (row + 1) * WIDTH;
    return bytes.subarray(from, from + WIDTH);
  });
  const asJson = (row) =>
    JSON.stringify({ inputs: [{ name: 'input', shape: [1, WIDTH], datatype: 'FP32', data: [...row] }] });
  return {
    json: {
      path: `/v2/models/${line}/infer`,
      headers: { 'content-type': 'application/json' },
      bodies: rows.map((row) => Buffer.from(asJson(row))),
    },
    binary: {
      path: `/v2/models/${line}/infer`,
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' },
      bodies: rows,
    },
  };
}
