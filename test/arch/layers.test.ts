import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { HOME } from '../rig/project.ts';
import { areaOf, importsOf, sourcesIn, stringsOf, textOf } from './imports.ts';

/** The table in CONTRIBUTING.md, so that what people read is what is enforced. */
function readTable(text: string): Map<string, ReadonlySet<string> | 'all'> {
  const rows = text.matchAll(/^\| `(?:lib\/)?(\w+)\/?` \| [^|]* \| ([^|]*) \|$/gm);
  return new Map(
    [...rows].map(([, folder = '', may = '']) => [
      folder,
      may.trim() === 'all of lib' ? 'all' : new Set(may.trim() === 'nothing' ? [] : may.trim().split(', ')),
    ]),
  );
}

type Table = ReturnType<typeof readTable>;

/** Imports of a file that its folder may not have. */
function forbidden(table: Table, file: string, text: string): string[] {
  const own = file.startsWith('stages/') ? 'stages' : (file.split('/')[1] ?? '');
  const allowed = table.get(own);
  if (allowed === undefined) return [`${file}: lib/${own} is not in the table`];
  return importsOf(file, text).flatMap((specifier) => {
    const area = areaOf(file, specifier);
    if (area === undefined || area === own) return [];
    if (area !== 'stages' && (allowed === 'all' || allowed.has(area))) return [];
    return [`${file} imports ${specifier}`];
  });
}

const table = readTable(textOf('CONTRIBUTING.md'));
const files = [...sourcesIn('lib'), ...sourcesIn('stages')];

describe('the layers', () => {
  test('are all in the table, and the table names no other', () => {
    const folders = readdirSync(join(HOME, 'lib'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect([...table.keys()].sort()).toEqual([...folders, 'stages'].sort());
    for (const may of table.values()) if (may !== 'all') for (const name of may) expect(folders).toContain(name);
  });

  test('import nothing the table forbids', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((file) => forbidden(table, file, textOf(file)))).toEqual([]);
  });

  test.each([
    ["import { a } from '../runlog/open.ts';", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["import type { A } from '../runlog/open.ts';", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["export { a } from '../runlog/open.ts';", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["export * from '../runlog/open.ts';", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["const a = await import('../runlog/open.ts');", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["let a: import('../runlog/open.ts').A;", 'lib/graph/x.ts imports ../runlog/open.ts'],
    ["import { a } from 'mlloop/runlog/open';", 'lib/graph/x.ts imports mlloop/runlog/open'],
    ["import stage from '../../stages/train.ts';", 'lib/graph/x.ts imports ../../stages/train.ts'],
  ])('would be seen to: %s', (text, fault) => {
    expect(forbidden(table, 'lib/graph/x.ts', text)).toEqual([fault]);
  });

  test('may import what the table allows', () => {
    expect(
      forbidden(table, 'lib/graph/x.ts', "import { ok } from '../util/result.ts'; import fs from 'node:fs';"),
    ).toEqual([]);
  });

  test('may not be left out of the table', () => {
    expect(forbidden(table, 'lib/new/x.ts', '')).toEqual(['lib/new/x.ts: lib/new is not in the table']);
  });
});

/** Words of the domain that also are names of the shipped stages. */
const OWN_MEANING: Readonly<Record<string, readonly string[]>> = {
  'lib/domain/effects.ts': ['deploy'],
  'lib/registry/effects.ts': ['deploy'],
  'lib/domain/ledger.ts': ['deploy'],
  'lib/runlog/ledger.ts': ['deploy'],
  // A split of a dataset's rows, and the verb that reads labels.
  'lib/data/synthetic-digits/generate.ts': ['train'],
  'lib/data/idx-folder.ts': ['train'],
  'lib/domain/feedback-provenance.ts': ['feedback'],
  'lib/ml/tell-epochs.ts': ['train'],
  'lib/serve/page/browser/api.ts': ['feedback'],
  'lib/cli/feedback-commands.ts': ['feedback'],
  'lib/cli/run-verb.ts': ['iterate'],
  'lib/runlog/runs.ts': ['iterate'],
};

test('lib knows no stage of the pipeline by name', () => {
  const { stages } = parse(textOf('pipeline.yaml')) as { readonly stages: object };
  const names = Object.keys(stages);
  const found = sourcesIn('lib').flatMap((file) =>
    stringsOf(file, textOf(file))
      .filter((text) => names.includes(text) && !(OWN_MEANING[file] ?? []).includes(text))
      .map((text) => `${file} holds '${text}'`),
  );
  expect([...new Set(found)]).toEqual([]);
  for (const [file, words] of Object.entries(OWN_MEANING)) {
    expect(stringsOf(file, textOf(file)), `${file} needs no exception`).toEqual(expect.arrayContaining([...words]));
  }
});
