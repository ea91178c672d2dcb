import { describe, expect, test } from 'vitest';
import { correctedLine } from '../../lib/cli/npm-flags.ts';

const OPTIONS = { profile: true, to: true, set: true, force: false, json: false };

const npm = (script: string, traces: Readonly<Record<string, string>>): Record<string, string> => ({
  npm_lifecycle_event: script,
  npm_command: 'run',
  ...traces,
});

describe('an option npm kept for itself', () => {
  test('whose value it passed on is put back together', () => {
    const env = npm('pipeline', { npm_config_profile: 'true' });
    expect(correctedLine({ env, args: ['quick'], options: OPTIONS })).toBe('npm run pipeline -- --profile quick');
  });

  test('whose value it kept, too, is put back together', () => {
    const env = npm('pipeline', { npm_config_profile: 'quick' });
    expect(correctedLine({ env, args: [], options: OPTIONS })).toBe('npm run pipeline -- --profile quick');
  });

  test('is seen under the name of the npm option it abbreviates', () => {
    const env = npm('pipeline', { npm_config_token_description: 'train' });
    expect(correctedLine({ env, args: [], options: OPTIONS })).toBe('npm run pipeline -- --to train');
  });

  test('without a value keeps what was typed before it', () => {
    const env = npm('compare', { npm_config_json: 'true' });
    expect(correctedLine({ env, args: ['1', '2'], options: OPTIONS })).toBe('npm run compare -- 1 2 --json');
  });

  test('takes its value from the end: what the verb is about comes first', () => {
    const env = npm('mlloop', { npm_config_profile: 'true' });
    expect(correctedLine({ env, args: ['stage', 'train', 'quick'], options: OPTIONS })).toBe(
      'npm run mlloop -- stage train --profile quick',
    );
  });
});

describe('nothing was kept', () => {
  test.each([
    ['outside npm', { npm_config_profile: 'true' }],
    ['when the option came through', npm('pipeline', { npm_config_profile: 'true' })],
    ['when npm’s option is none of the verb’s', npm('pipeline', { npm_config_registry: 'https://example.org' })],
  ])('%s', (_, env) => {
    expect(correctedLine({ env, args: ['--profile', 'quick'], options: OPTIONS })).toBeUndefined();
  });
});
