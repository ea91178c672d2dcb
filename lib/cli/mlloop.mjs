#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce, home } from './launch.mjs';

const folder = await buildOnce();
const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
await main({ home, built: folder });
