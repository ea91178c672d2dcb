import { describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import { selectStages } from '../../lib/graph/select.ts';

const out = (stage: string) => ({ kind: 'out', stage });
const STAGES = [
  { name: 'collect', deps: {} },
  { name: 'clean', deps: { raw: out('collect') } },
  { name: 'train', deps: { rows: out('clean') } },
  { name: 'plot', deps: { rows: out('clean') } },
  { name: 'test', deps: { model: out('train') } },
];

function selected(selection: { only?: string; from?: string; to?: string }): string {
  const result = selectStages(STAGES, { only: undefined, from: undefined, to: undefined, ...selection });
  return result.ok ? result.value.map(({ name }) => name).join(' ') : formatFailure(result.failure);
}

describe('a selection', () => {
  test.each([
    [{}, 'collect clean train plot test'],
    [{ only: 'train' }, 'train'],
    [{ to: 'train' }, 'collect clean train'],
    [{ from: 'train' }, 'train test'],
    [{ from: 'clean', to: 'train' }, 'clean train'],
  ])('%j is %s', (selection, names) => expect(selected(selection)).toBe(names));

  test('of one stage and of what lies around it contradicts itself', () => {
    expect(selected({ only: 'train', to: 'test' })).toBe(
      '--only train is one stage, and --to test speaks of others.\nGive --only alone, or --from and --to.',
    );
  });

  test('of a stage that does not exist names the nearest', () => {
    expect(selected({ from: 'trian' })).toBe(
      "There is no stage 'trian'. Did you mean 'train'?\nDeclared: collect, clean, train, plot, test.",
    );
  });

  test('that ends before it begins is refused', () => {
    expect(selected({ from: 'test', to: 'clean' })).toBe(
      'No stage lies between --from test and --to clean: test comes after clean.',
    );
  });
});
