import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const home = fileURLToPath(new URL('..', import.meta.url));

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

export const machine = () => `Node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model.trim()}`;

/** Imports a file of lib, which plain Node cannot run as it is. */
export async function importLib(file) {
  const { build } = await import('esbuild');
  const folder = join(home, 'node_modules', '.cache', 'mlloop', 'bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${file.replace(/\W+/g, '-')}.mjs`);
  const entry = { absWorkingDir: home, entryPoints: [join('bench', file)], outfile };
  await build({ ...entry, bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'error' });
  return { path: outfile, module: await import(pathToFileURL(outfile).href) };
}

/** Runs a program and reads the JSON on the last line it prints; undefined when it cannot be run. */
export function runJson(program, args, options = {}) {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
    return JSON.parse(text.trim().split('\n').at(-1));
  } catch {
    return undefined;
  }
}

/** A table of texts, the first row its head, columns as wide as what stands in them. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => String(cell).padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
