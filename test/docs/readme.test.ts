import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadPipelineText } from '../../lib/config/load.ts';
import { PipelineYaml } from '../../lib/config/schema.ts';
import { EXIT } from '../../lib/domain/exit-code.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { LayerSchema } from '../../lib/ml/layer-schema.ts';
import { DATA_CHECKS, type DataCheck } from '../../lib/monitor/gates/data-limits.ts';
import { MIGRATIONS, openRunLog } from '../../lib/runlog/open.ts';
import collect from '../../stages/collect.ts';
import deploy from '../../stages/deploy.ts';
import { HOME } from '../rig/project.ts';
import { DOCS, PAGES, snippet } from '../rig/readme.ts';

const manifest = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: object;
  readonly optionalDependencies: object;
};

/** The first cell of every row of the table under a heading. */
function firstCells(heading: string): string[] {
  const section = DOCS.slice(DOCS.indexOf(`## ${heading}`));
  const table = /\|---[^\n]*\n((?:\|.*\n)+)/.exec(section)?.[1] ?? '';
  return table
    .trim()
    .split('\n')
    .map((row) => row.split('|')[1]?.trim() ?? '');
}

describe('the README', () => {
  test('names only scripts and verbs there are', () => {
    const scripts = [...DOCS.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    const { stdout } = spawnSync(process.execPath, [join(HOME, 'lib/cli/mlloop.mjs'), '--help'], { encoding: 'utf8' });
    const known = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, verb = '']) => verb);
    const table = firstCells('Verbs')
      .join(' ')
      .matchAll(/`(\w+)/g);
    expect([...table].map(([, verb = '']) => verb).sort()).toEqual(known.filter((verb) => verb !== 'help').sort());
  });

  test('gives every dependency its line', () => {
    const named = firstCells('Why each dependency').flatMap((cell) => {
      const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      const stem = (names[0] ?? '').replace(/-core$/, '');
      return names.map((name) => (name.startsWith('-') ? `${stem}${name}` : name));
    });
    const installed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    expect(named.sort()).toEqual(installed.sort());
  });

  test('lists the exit codes as they are', () => {
    const start = DOCS.indexOf('| exit code |');
    const codes = [...DOCS.slice(start, DOCS.indexOf('\n\n', start)).matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    );
    expect(codes).toEqual([...Object.values(EXIT)].sort((a, b) => a - b));
  });

  test('names files, tables and views there are', () => {
    const rows = firstCells('Where things are').map((cell) => cell.replaceAll('`', ''));
    const made = ['artifacts/latest/', 'artifacts/models/NAME/', 'runs.db'];
    expect(rows.filter((path) => !made.includes(path) && !existsSync(join(HOME, path)))).toEqual([]);
    const line = DOCS.split('\n').find((row) => row.startsWith('| `runs.db`')) ?? '';
    const tables = [...line.slice(12).matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    expect(tables.length).toBeGreaterThan(12);
    expect(tables.filter((name) => !new RegExp(`CREATE (TABLE|VIEW) ${name}\\b`).test(MIGRATIONS.join('')))).toEqual(
      [],
    );
  });

  test('lists every layer, and shows some that are valid', () => {
    const known = LayerSchema.anyOf.map(({ properties }) => properties.type.const);
    expect(
      firstCells('Layers of your own choice')
        .map((cell) => cell.replaceAll('`', ''))
        .sort(),
    ).toEqual([...known].sort());
    const { layers } = parse(snippet('layers')) as { readonly layers: readonly unknown[] };
    expect(layers.filter((layer) => !Value.Check(LayerSchema, layer))).toEqual([]);
  });

  test('shows gates that are valid, and the columns of their view', () => {
    expect([...Value.Errors(deploy.params, parse(snippet('gates')))]).toEqual([]);
    const { database } = orRaise(openRunLog(':memory:'));
    const columns = database.pragma('table_info(v_gates)') as readonly { readonly name: string }[];
    const told = [...(/\| column of `v_gates`[\s\S]*?\n\n/.exec(DOCS)?.[0] ?? '').matchAll(/^\| (`.*?) \|/gm)];
    const names = told.flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(names).toEqual(columns.map(({ name }) => name));
  });

  test('lists the checks of the data with their limits', () => {
    const start = DOCS.indexOf('| check | told | refused |');
    const rows = DOCS.slice(start, DOCS.indexOf('\n\n', start)).split('\n').slice(2);
    const word = (limit: string, threshold: number | undefined): string =>
      threshold === undefined ? '' : `${limit === 'max' ? 'above' : 'below'} ${threshold}`;
    const expected = Object.entries(DATA_CHECKS).map(([name, check]: [string, DataCheck]) => [
      `\`${name}\``,
      word(check.limit, check.warn),
      word(check.limit, check.error),
    ]);
    expect(
      rows.map((row) =>
        row
          .split('|')
          .slice(1, 4)
          .map((cell) => cell.trim()),
      ),
    ).toEqual(expected);
  });

  test('serves by systemd with options there are, and names metrics there are', () => {
    const [, command = ''] = /^ExecStart=\S+node (.*)$/m.exec(snippet('systemd')) ?? [];
    const [file = '', verb = '', ...options] = command.split(' ');
    const { stdout } = spawnSync(process.execPath, [join(HOME, file), verb, '--help'], { encoding: 'utf8' });
    const flags = options.filter((one) => one.startsWith('--'));
    expect(flags).toHaveLength(3);
    expect(flags.filter((flag) => !stdout.includes(`${flag} <`))).toEqual([]);
    const source = ['metrics/server-metrics.ts', 'live/record-metrics.ts']
      .map((name) => readFileSync(join(HOME, 'lib/serve', name), 'utf8'))
      .join('\n');
    const metrics = [...DOCS.matchAll(/`mlloop_(\w+)`/g)].map(([, name = '']) => name);
    expect(metrics.length).toBeGreaterThan(6);
    const isThere = (name: string): boolean =>
      [`}${name}\``, `'mlloop_${name}'`, `count('${name.replace(/_total$/, '')}'`].some((text) =>
        source.includes(text),
      );
    expect(metrics.filter((name) => !isThere(name))).toEqual([]);
  });

  test('backs up a log that is open', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mlloop-backup-'));
    const log = new Database(join(folder, 'runs.db'));
    log.pragma('journal_mode = WAL');
    log.exec('CREATE TABLE run (id); INSERT INTO run VALUES (7)');
    const [, sql = ''] = /runs\.db "(.*)"/.exec(snippet('backup')) ?? [];
    log.exec(sql.replace('backup.db', join(folder, 'backup.db')));
    const copy = new Database(join(folder, 'backup.db'), { readonly: true });
    expect(copy.prepare('SELECT id FROM run').get()).toEqual({ id: 7 });
    copy.close();
    log.close();
    rmSync(folder, { recursive: true });
  });

  test('shows when to retrain as it may stand in pipeline.yaml', () => {
    const { retrain } = parse(snippet('retrain')) as { readonly retrain: unknown };
    expect([...Value.Errors(PipelineYaml.properties.retrain, retrain)]).toEqual([]);
  });

  test('shows a pipeline.yaml that is valid', () => {
    const loaded = loadPipelineText(snippet('pipeline'), { profile: 'quick', overrides: [] });
    expect(loaded.ok ? [] : loaded.failure.map(formatFailure)).toEqual([]);
  });
});

test('CONTRIBUTING names only files and scripts there are', () => {
  const text = readFileSync(join(HOME, 'CONTRIBUTING.md'), 'utf8');
  const paths = [...text.matchAll(/`([\w./-]+\/[\w./-]*)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('NAME'));
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(HOME, path)))).toEqual([]);
  const scripts = [...text.matchAll(/npm run (\w+)/g)].map(([, name = '']) => name);
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

function anchorsIn(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

test.each([...PAGES])('%s links to pages and headings there are', (path, text) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, file = '', anchor]) => ({
    page: file === '' ? path : join(dirname(path), file),
    anchor,
  }));
  expect(links.length).toBeGreaterThan(0);
  const isThere = ({ page, anchor }: (typeof links)[number]): boolean =>
    anchor === undefined ? existsSync(join(HOME, page)) : anchorsIn(PAGES.get(page) ?? '').includes(anchor);
  expect(links.filter((link) => !isThere(link))).toEqual([]);
});

test('every page of docs/ is named in the README', () => {
  const named = [...(PAGES.get('README.md') ?? '').matchAll(/\]\((docs\/[\w-]+\.md)\)/g)].map(([, path]) => path);
  expect([...PAGES.keys()].filter((path) => path.startsWith('docs/') && !named.includes(path))).toEqual([]);
});

describe('pipelines for data of one’s own', () => {
  test('are valid', () => {
    const loaded = loadPipelineText(snippet('table-pipeline'), { profile: undefined, overrides: [] });
    expect(loaded.ok ? [] : loaded.failure.map(formatFailure)).toEqual([]);
    const images = `name: photos\nseed: 1\nstages:\n${snippet('images').replace(/^/gm, '  ')}`;
    const found = loadPipelineText(images.trimEnd(), { profile: undefined, overrides: [] });
    expect(found.ok ? [] : found.failure.map(formatFailure)).toEqual([]);
    const { collect: declared } = parse(snippet('images')) as { readonly collect: { readonly params: unknown } };
    expect([...Value.Errors(collect.params, declared.params)]).toEqual([]);
  });
});
