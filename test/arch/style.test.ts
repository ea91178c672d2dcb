import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { FAILURES } from '../../lib/domain/failure.ts';
import { nodesOf, sourcesIn, textOf } from './imports.ts';

const product = [...sourcesIn('lib'), ...sourcesIn('stages')];
const all = [...product, ...sourcesIn('test')];
const lines = (file: string): number => textOf(file).split('\n').length - 1;

describe('the code', () => {
  test('is in small files', () => {
    expect(all.filter((file) => lines(file) > 400)).toEqual([]);
    const sizes = product.map(lines).sort((a, b) => a - b);
    expect(sizes[sizes.length >> 1]).toBeLessThan(120);
  });

  test('has a default export in stages alone, and in each of them', () => {
    const withDefault = product.filter((file) =>
      parseSync(file, textOf(file)).module.staticExports.some(({ entries }) =>
        entries.some(({ exportName }) => exportName.kind === 'Default'),
      ),
    );
    expect(withDefault).toEqual(sourcesIn('stages'));
  });

  test('has no file that only hands on what others export, but the public face', () => {
    const barrels = sourcesIn('lib').filter((file) =>
      parseSync(file, textOf(file)).program.body.every(
        (node) =>
          (node.type === 'ExportNamedDeclaration' && node.source !== null) || node.type === 'ExportAllDeclaration',
      ),
    );
    expect(barrels).toEqual(['lib/cli/api.ts']);
  });

  test('has no enum and no any', () => {
    const faults = all.filter((file) =>
      [...nodesOf(parseSync(file, textOf(file)).program)].some(
        ({ type }) => type === 'TSEnumDeclaration' || type === 'TSAnyKeyword',
      ),
    );
    expect(faults).toEqual([]);
  });
});

describe('every failure', () => {
  const text = product
    .filter((file) => !file.startsWith('lib/domain/failures/'))
    .map(textOf)
    .join('\n');

  test.each(Object.keys(FAILURES))('%s is told somewhere', (code) => {
    expect(text).toContain(`'${code}'`);
  });
});
