import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { contentOf } from '../../lib/cache/content.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { checksumsText, parseChecksums } from '../../lib/registry/checksums.ts';
import type { ExportFile } from '../../lib/registry/export-file.ts';
import { readExport } from '../../lib/registry/read-export.ts';
import { unfitName, writeExport } from '../../lib/registry/write-export.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { FACTS } from '../rig/facts.ts';

const path = temporaryFolder();

const MODEL = { 'model.json': '{"a":1}', 'weights.bin': 'weights' };

const read = (name: string): string => readFileSync(path('out', name), 'utf8');
const write = (name: string, text: string | Uint8Array): void => writeFileSync(path('out', name), text);

/** Why a folder is refused, on one line; 'fine' when it is not. */
function refusal(folder = 'out'): string {
  const result = readExport(path(folder), 'out');
  return result.ok ? 'fine' : (formatFailure(result.failure).split('\n')[0] ?? '');
}

/** Writes the list of sums anew, as somebody would who wants to pass something off as an export. */
function forgeSums(): void {
  rmSync(path('out', 'SHA256SUMS'));
  const sums = readdirSync(path('out')).map((name) => [name, sha256(readFileSync(path('out', name)))]);
  write('SHA256SUMS', checksumsText(Object.fromEntries(sums)));
}

/** Changes version.json, and the list of sums with it. */
function forge(change: (file: ExportFile) => object): void {
  write('version.json', JSON.stringify(change(JSON.parse(read('version.json')) as ExportFile)));
  forgeSums();
}

beforeEach(async () => {
  mkdirSync(path('version'));
  for (const [name, text] of Object.entries(MODEL)) writeFileSync(path('version', name), text);
  const { hash } = await contentOf(path('version'));
  const files = Object.fromEntries(Object.entries(MODEL).map(([name, text]) => [name, sha256(text)]));
  const file: ExportFile = { format: 'mlloop-export-1', line: 'digits', version: 3, hash, files, facts: FACTS };
  mkdirSync(path('out'));
  writeExport(path('out'), { source: path('version'), file, card: '# digits v3\n', transform: '{}\n' });
});

describe('an exported version', () => {
  test('is taken as it was written', () => {
    expect(refusal()).toBe('fine');
    expect(readdirSync(path('out')).sort()).toEqual(
      ['README.md', 'SHA256SUMS', 'model.json', 'transform.json', 'version.json', 'weights.bin'].sort(),
    );
  });

  test('is refused when any byte of any file is another one', () => {
    const names = readdirSync(path('out'));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, mask) => {
        const before = readFileSync(path('out', name));
        const bytes = Uint8Array.from(before);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask;
        write(name, bytes);
        expect(refusal(), `${name} at ${at % bytes.length}`).toMatch(
          /^out is (not what was exported|no exported model)/,
        );
        write(name, before);
      }),
      { numRuns: 400 },
    );
    expect(refusal()).toBe('fine');
  });

  test.each(['README.md', 'SHA256SUMS', 'model.json', 'transform.json', 'version.json', 'weights.bin'])(
    'is refused without its %s',
    (name) => {
      rmSync(path('out', name));
      expect(refusal()).toBe(
        name === 'SHA256SUMS'
          ? 'out is no exported model version: it has no SHA256SUMS.'
          : `out is not what was exported: ${name} is missing.`,
      );
    },
  );

  test('is refused with every fault named at once', () => {
    write('weights.bin', 'weightz');
    rmSync(path('out', 'README.md'));
    write('more.txt', '');
    mkdirSync(path('out', 'deep'));
    rmSync(path('out', 'model.json'));
    symlinkSync(path('version', 'model.json'), path('out', 'model.json'));
    expect(refusal()).toBe(
      'out is not what was exported: README.md is missing, model.json is no file, weights.bin has other bytes, deep does not belong to it, more.txt does not belong to it.',
    );
  });

  test.each<readonly [string, () => void, string]>([
    [
      'another format',
      () => forge((file) => ({ ...file, format: 'mlloop-version' })),
      'its version.json has the format "mlloop-version", not "mlloop-export-1"',
    ],
    [
      'a line that leads elsewhere',
      () => forge((file) => ({ ...file, line: '../up' })),
      'its version.json is not valid: /line must match pattern "^[a-z][a-z0-9-]{0,63}$"',
    ],
    [
      'a file that leads elsewhere',
      () => forge((file) => ({ ...file, files: { '../x': sha256('') } })),
      'its version.json is not valid: /files/..~1x is not known',
    ],
    [
      'facts that are none',
      () => forge((file) => ({ ...file, facts: { ...FACTS, labels: -1 } })),
      'its version.json is not valid: /facts/labels must be >= 0',
    ],
    [
      'fields nobody knows',
      () => forge((file) => ({ ...file, more: 1 })),
      'its version.json is not valid: /more is not known',
    ],
    [
      'another hash',
      () => forge((file) => ({ ...file, hash: sha256('x') })),
      'its files do not have the hash that its version.json tells',
    ],
    [
      'a model file less',
      () => forge((file) => ({ ...file, files: { 'model.json': sha256(MODEL['model.json']) } })),
      'its SHA256SUMS and version.json name other files',
    ],
    [
      'its card among the model’s files',
      () => forge((file) => ({ ...file, files: { ...file.files, 'README.md': sha256(read('README.md')) } })),
      'its SHA256SUMS and version.json name other files',
    ],
    [
      'other weights and sums',
      () => {
        write('weights.bin', 'weightz');
        forgeSums();
      },
      'its version.json and SHA256SUMS tell other sums of weights.bin',
    ],
    [
      'a version.json that is no JSON',
      () => {
        write('version.json', '{');
        forgeSums();
      },
      'its version.json is not JSON',
    ],
    [
      'sums of a file elsewhere',
      () => write('SHA256SUMS', `${read('SHA256SUMS')}${sha256('x')}  ../version/model.json\n`),
      'its SHA256SUMS is no list of sums as they are exported',
    ],
    [
      'sums in another order',
      () => write('SHA256SUMS', `${read('SHA256SUMS').split('\n').slice(0, -1).reverse().join('\n')}\n`),
      'its SHA256SUMS is no list of sums as they are exported',
    ],
    ['no sums at all', () => write('SHA256SUMS', ''), ''],
  ])('that was forged with %s is refused', (_, damage, problem) => {
    damage();
    if (problem === '') expect(refusal()).toContain('does not belong to it');
    else expect(refusal()).toBe(`out is no exported model version: ${problem}.`);
  });

  test('is a folder, and there', () => {
    expect(refusal('nowhere')).toBe('out is no exported model version: there is no such folder.');
    expect(refusal('version/model.json')).toBe('out is no exported model version: it is no folder.');
    expect(refusal('version')).toBe('out is no exported model version: it has no SHA256SUMS.');
  });
});

test('sums are read back as they were written, and nothing else is', () => {
  const name = fc.stringMatching(/^[\w.-]{1,12}$/);
  fc.assert(
    fc.property(
      fc.dictionary(
        name,
        fc.string().map((text) => sha256(text) as string),
      ),
      (sums) => {
        expect(parseChecksums(checksumsText(sums))).toEqual({ ...sums });
      },
    ),
  );
  const sum = sha256('');
  for (const text of ['x', `${sum} a\n`, `${sum}  a`, `${sum}  a\n${sum}  a\n`, `${sum}  a b\n`, `${sum}  a\n\n`]) {
    expect(parseChecksums(text), text).toBeUndefined();
  }
});

test.each([
  [['model.json', 'weights.bin'], undefined],
  [['README.md'], 'README.md'],
  [['a b.bin'], 'a b.bin'],
  [['SHA256SUMS'], 'SHA256SUMS'],
  [['.hidden'], '.hidden'],
])('a model with %j can leave, or tells the name that cannot', (names, unfit) => {
  expect(unfitName(names)).toBe(unfit);
});

describe('a reference to find drift with', () => {
  const REFERENCE = {
    format: 'mlloop-drift-reference',
    version: 1,
    classes: ['no', 'yes'],
    rows: 3,
    sampleRows: 1,
    predicted: [1, 2],
    labels: [2, 1],
    columns: [{ group: 'outputs', name: 'confidence', class: null, edges: [0.5], sample: 'AACAPw==' }],
  };
  const withReference = (reference: unknown): string => {
    write('drift-reference.json', typeof reference === 'string' ? reference : JSON.stringify(reference));
    forgeSums();
    return refusal();
  };

  test('comes along', () => {
    expect(withReference(REFERENCE)).toBe('fine');
  });

  test('comes along with what is known of single features', () => {
    expect(withReference({ ...REFERENCE, features: { edges: [[0.5], []], counts: [[1, 2], [3]] } })).toBe('fine');
  });

  test.each([
    ['{', 'it is not JSON'],
    [{ ...REFERENCE, version: 2 }, '/version must be equal to constant'],
    [{ ...REFERENCE, more: 1 }, '/more is not known'],
    [{ ...REFERENCE, labels: [3] }, 'it counts 2 and 1 classes, and names 2'],
    [{ ...REFERENCE, features: { edges: [[1], [1]], counts: [[1, 2], [3]] } }, 'feature 1 does not have one count'],
    [{ ...REFERENCE, features: { edges: [], counts: [[3]] } }, 'feature 0 does not have one count'],
    [{ ...REFERENCE, sampleRows: 2 }, "the sample of 'confidence' does not have 2 numbers"],
  ])('is refused where it cannot be compared with: %j', (reference, problem) => {
    expect(withReference(reference)).toContain(`its drift-reference.json is not valid: ${problem}`);
  });
});
