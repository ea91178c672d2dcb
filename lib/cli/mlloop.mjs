#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce, home, markUsed } from './launch.mjs';

// Said here, because npm only warns when it installs, and what fails on an older Node does so with a riddle.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`mlloop needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}

const folder = await buildOnce();
setInterval(() => markUsed(folder), 3_600_000).unref();
const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
await main({ home, built: folder });
