import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createRng } from '../../lib/util/rng.ts';
import { createProject, HOME, type Project } from '../rig/project.ts';
import { snippet } from '../rig/readme.ts';

interface Declared {
  [key: string]: unknown;
  stages: Record<string, Record<string, unknown>>;
}

let project: Project;
afterEach(() => project.dispose());

/** The pipeline for a table as the docs have it, changed, with the shipped stages beside one's own. */
function ownProject(files: Readonly<Record<string, string>>, change: (pipeline: Declared) => void): void {
  const pipeline = parse(snippet('table-pipeline')) as Declared;
  change(pipeline);
  project = createProject({});
  cpSync(join(HOME, 'stages'), project.path('stages'), { recursive: true });
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  project.write('pipeline.yaml', stringify(pipeline));
}

/** Lengths of three kinds of flowers, in numbers that overlap a little. */
function flowers(count: number): string {
  const rng = createRng(4);
  const middles = { setosa: [5, 150], versicolor: [5.9, 430], virginica: [6.6, 555] };
  const rows = Array.from({ length: count }, (_, at) => {
    const [name, [short, long]] = Object.entries(middles)[at % 3] as [string, [number, number]];
    return [(short + 0.3 * rng.normal()).toFixed(2), (long + 30 * rng.normal()).toFixed(1), name].join(',');
  });
  return ['sepal,petal_um,species', ...rows, ''].join('\n');
}

const WORDS = {
  billing: ['invoice', 'refund', 'payment', 'card'],
  login: ['password', 'account', 'reset', 'locked'],
};

/** Tickets of a few words, most of them of their team. */
function tickets(count: number): string {
  const rng = createRng(5);
  const rows = Array.from({ length: count }, (_, at) => {
    const [team, own] = Object.entries(WORDS)[at % 2] as [string, string[]];
    const words = Array.from({ length: 4 }, () => own[rng.int(own.length)] ?? '');
    const anybody = Array.from({ length: 6 }, () => String.fromCharCode(97 + rng.int(26))).join('');
    return `"${[...words, 'please', anybody].join(' ')}",${team}`;
  });
  return ['text,team', ...rows, ''].join('\n');
}

describe('the docs’ own data', () => {
  test('a table is learned, passes the gates, and its rows can be asked about', async () => {
    ownProject(
      {
        'flowers.csv': flowers(900),
        'stages/flowers.ts': snippet('table-stage'),
        'stages/cost.ts': snippet('own-metric'),
      },
      ({ stages }) => Object.assign(stages, parse(snippet('own-metric-stage'))),
    );
    const { status, stderr } = await project.mlloop(['run']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('900 rows of sepal, petal_um\n');
    expect(stderr).toContain('champion    flowers v1, deployed by this run\n');
    const [score] = project.rows<{ value: number }>(
      "SELECT value FROM v_metrics WHERE name = 'accuracy' AND split = 'test' AND model = 'optimised'",
    );
    expect(score?.value).toBeGreaterThan(0.95);
    const [cost] = project.rows<{ value: number }>("SELECT value FROM v_metrics WHERE name = 'cost'");
    expect(cost?.value).toBeGreaterThanOrEqual(0);
    const predicted = await project.mlloop(['predict', 'artifacts/latest/preprocess/live', '--out', 'answers.csv']);
    expect(predicted.stderr).toMatch(/^flowers v1 answered \d+ rows in answers\.csv\.\n$/);
    expect(project.read('answers.csv').split('\n')[1]).toMatch(/,(setosa|versicolor|virginica),/);
  });

  test('a cell of a table that is empty is no 0, and a mark at the head of the file is no part of a name', async () => {
    const csv = `\uFEFFspecies,sepal,petal_um\n${flowers(90)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .map(([sepal, petal, species], at) => `${species},${at === 7 ? '' : sepal},${petal}\n`)
      .join('')}`;
    ownProject({ 'flowers.csv': csv, 'stages/flowers.ts': snippet('table-stage') }, () => undefined);
    const { status, stderr } = await project.mlloop(['run', '--to', 'preprocess']);
    expect(status).toBe(3);
    expect(stderr).toContain('90 rows of sepal, petal_um\n');
    expect(stderr).toMatch(/data +missing, values +0\.00\d+ +at most 0 +on \d+ rows +refused/);
  });

  test('text is learned, and so is what people say of it', async () => {
    ownProject({ 'tickets.csv': tickets(400), 'stages/tickets.ts': snippet('text-stage') }, (pipeline) => {
      pipeline['name'] = 'tickets';
      Object.assign(pipeline.stages, {
        collect: {
          run: 'stages/tickets.ts',
          deps: { csv: './tickets.csv' },
          params: { width: 256 },
          outs: { raw: 'dataset' },
        },
        feedback: {
          run: 'stages/feedback.ts',
          deps: { release: 'deploy.release', live: 'preprocess.live' },
          outs: { summary: 'json', report: 'html' },
        },
        iterate: {
          run: 'stages/iterate.ts',
          deps: { summary: 'feedback.summary', metrics: 'evaluate.metrics' },
          params: { maxRounds: 1, rules: { newLabels: 5 } },
          outs: { decision: 'json' },
        },
      });
    });
    const first = await project.mlloop(['run']);
    expect(first.status, first.stderr).toBe(0);
    await project.mlloop(['predict', 'artifacts/latest/preprocess/live', '--out', 'answers.csv']);
    const answers = project.read('answers.csv').trim().split('\n').slice(1);
    const labels = answers.map((line) => line.split(',')).map((cells) => `${cells[0]},${cells[3]}\n`);
    project.write('labels.csv', `prediction_id,label\n${labels.join('')}`);
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).stderr).toContain(`Imported ${labels.length}`);
    const second = await project.mlloop(['run']);
    expect(second.status, second.stderr).toBe(0);
    expect(second.stderr).toContain('Run 3 of tickets (follows run 2, with its feedback)');
    const { provenance } = JSON.parse(project.read('artifacts/latest/collect/raw/dataset.json')) as {
      provenance: { source: string; rows: number }[];
    };
    expect(provenance.map(({ source, rows }) => [source, rows])).toEqual([
      ['own', 400],
      ['feedback', labels.length],
    ]);
  });
});
