// What `import { … } from 'mlloop'` gives in plain Node: the same as lib/cli/api.ts, built when it has to be.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce, home } from './launch.mjs';

// The engines lie where mlloop's own packages do, wherever the program was started.
process.env['MLLOOP_PACKAGES'] ??= home;

const api = await import(pathToFileURL(join(await buildOnce(), 'api.mjs')).href);

export const { defineStage, failure, loadModel, openDataset, orRaise, writeDataset } = api;
