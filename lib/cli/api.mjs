// What `import { … } from 'mlloop'` gives in plain Node: the same as lib/cli/api.ts, built when it has to be.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce } from './launch.mjs';

const api = await import(pathToFileURL(join(await buildOnce(), 'api.mjs')).href);

export const { defineStage, failure, loadModel, openDataset, orRaise, writeDataset } = api;
