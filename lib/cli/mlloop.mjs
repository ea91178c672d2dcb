#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce, home, markUsed } from './launch.mjs';

const folder = await buildOnce();
setInterval(() => markUsed(folder), 3_600_000).unref();
const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
await main({ home, built: folder });
