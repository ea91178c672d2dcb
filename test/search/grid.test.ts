import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../lib/ml/settings.ts';
import { checkAxes, expandGrid, type Grid } from '../../lib/search/grid.ts';
import type { Json } from '../../lib/util/json.ts';

describe('a grid', () => {
  test('is gone through by sorted name, the last name fastest, as in scikit-learn', () => {
    expect(orRaise(expandGrid({ b: [1, 2], a: ['x', 'y'] }))).toEqual([
      { a: 'x', b: 1 },
      { a: 'x', b: 2 },
      { a: 'y', b: 1 },
      { a: 'y', b: 2 },
    ]);
  });

  test('of a list is searched one after the other', () => {
    expect(orRaise(expandGrid([{ a: [1] }, { b: [2, 3] }]))).toEqual([{ a: 1 }, { b: 2 }, { b: 3 }]);
  });

  test('has as many candidates as the product of its values, each once, whatever the order of its names', () => {
    const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), values, { minKeys: 1, maxKeys: 4 }), (grid) => {
        const candidates = orRaise(expandGrid(grid));
        const product = Object.values(grid).reduce((count, list) => count * list.length, 1);
        expect(new Set(candidates.map((candidate) => JSON.stringify(candidate))).size).toBe(product);
        const turned = Object.fromEntries(Object.entries(grid).reverse()) as Grid;
        expect(orRaise(expandGrid(turned))).toEqual(candidates);
      }),
    );
  });

  test.each([
    [{}, 'The grid is empty.'],
    [[], 'The grid is empty.'],
    [{ hidden: [] }, "The grid gives no values for 'hidden'."],
  ])('with nothing to try is refused: %j', (grid, message) => {
    const expanded = expandGrid(grid as Grid);
    if (expanded.ok) throw new Error('it should be refused');
    expect(formatFailure(expanded.failure)).toBe(
      `${message}\nWrite at least one name with at least one value, as in grid: { hidden: [[64], [100]] }.`,
    );
  });

  const listed: Settings = { ...DEFAULT_SETTINGS, layers: [{ type: 'dense', units: 8, activation: 'relu' }] };
  const axes = (grid: Grid, baseline: Settings): string => {
    const checked = checkAxes(orRaise(expandGrid(grid)), baseline);
    return checked.ok ? 'right' : formatFailure(checked.failure);
  };

  test.each([
    ['dropout', { dropout: [0, 0.5] }],
    ['activation', { activation: ['relu', 'tanh'] }],
    ['hidden', { hidden: [[4]], layers: [listed.layers as Json] }],
  ])('whose %s would change nothing is refused', (name, grid: Grid) => {
    expect(axes(grid, listed)).toBe(
      `The grid's '${name}' would change nothing: the model is a list of layers, which have their own.\nVary layers, or name hidden as well, which takes the place of the list.`,
    );
  });

  test('of hidden layers is right beside a list of them, and so is any axis without one', () => {
    expect(axes({ dropout: [0, 0.5], hidden: [[4]] }, listed)).toBe('right');
    expect(axes({ learningRate: [0.1], l2: [0, 1] }, listed)).toBe('right');
    expect(axes({ dropout: [0, 0.5], activation: ['tanh'] }, DEFAULT_SETTINGS)).toBe('right');
  });
});
