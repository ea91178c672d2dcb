import { describe, expect, test } from 'vitest';
import { loadPipelineText } from '../../lib/config/load.ts';
import { failureText } from '../../lib/domain/failure.ts';

/** Line, column and text of everything that is wrong with a file of one stage and these lines. */
function faults(lines: readonly string[], overrides: readonly string[] = []): readonly string[] {
  const head = ['name: x', 'seed: 1', 'stages:', '  a: { cmd: [make, "{outs.o}"], outs: { o: file } }'];
  const loaded = loadPipelineText([...head, ...lines].join('\n'), { profile: undefined, overrides });
  if (loaded.ok) return [];
  return loaded.failure.map(
    (one) => `${one.at === undefined ? '-' : `${one.at.line}:${one.at.column}`} ${failureText(one)}`,
  );
}

const NAME = 'a small letter, then up to 62 letters, digits, - and _';

describe('names, of which folders and files are made', () => {
  test.each([
    ['  ../../x: { cmd: [y] }', `5:3 stages has an entry named '../../x'; a name there is ${NAME}.`],
    ['  1: { cmd: [y] }', `5:3 stages has an entry named '1'; a name there is ${NAME}.`],
    ['  "": { cmd: [y] }', `5:3 stages has an entry named ''; a name there is ${NAME}.`],
    ['  b: { cmd: [y], outs: { ../o: file } }', `5:26 b.outs has an entry named '../o'; a name there is ${NAME}.`],
    ['  b: { cmd: [y], deps: { d d: a.o } }', `5:26 b.deps has an entry named 'd d'; a name there is ${NAME}.`],
    [
      '  b: { cmd: [y], env: { A=B: c } }',
      "5:25 b.env has an entry named 'A=B'; a name there is letters, digits and _, and no digit at the beginning.",
    ],
  ])('%s is refused where it stands', (line, told) => expect(faults([line])).toEqual([told]));

  test('are no longer than a file system takes', () => {
    expect(faults([`  ${'b'.repeat(63)}: { cmd: [y] }`])).toEqual([]);
    expect(faults([`  ${'b'.repeat(64)}: { cmd: [y] }`])).toHaveLength(1);
    expect(faults([], [`name=${'x'.repeat(300)}`])).toEqual(['- name has 300 characters, and may have 63 at most.']);
  });
});

describe('valid YAML that is no pipeline', () => {
  test.each([
    ['  b: { cmd: [y], params: &p { list: [*p] } }', '*p stands inside what it stands for', '5:38'],
    ['  b: { cmd: [y], params: { list: [*q] } }', '*q stands for nothing: no &q comes before it', '5:35'],
    ['  ? [c, d]\n  : { cmd: [y] }', 'a key has to be a text, not a list or a map', '5:5'],
    [
      '  b: { <<: { cmd: [y] } }',
      'there are no merge keys (<<); write out what it brings in, or give a whole value by an alias',
      '5:8',
    ],
    ['---\nname: y', 'a second document begins here; keep one', '5:1'],
  ])('%s is told', (line, problem, place) => {
    expect(faults([line])).toEqual([`${place} This is not valid YAML: ${problem}.`]);
  });

  test('is told where aliases multiply without end', () => {
    const nine = (of: string): string => Array.from({ length: 9 }, () => of).join(', ');
    const lines = [...'bcdefgh'].map(
      (name, at) => `    ${name}: &${name} [${nine(at === 0 ? '1' : `*${'abcdefgh'[at]}`)}]`,
    );
    expect(faults(['  b:', '    cmd: [y]', '    params:', ...lines.map((line) => `  ${line}`)])).toEqual([
      '1:1 This is not valid YAML: its aliases multiply to more values than can be read.',
    ]);
  });

  test('is read where one anchor stands for a value more than a hundred times', () => {
    const stages = Array.from({ length: 150 }, (_, at) => `  b${at}: { cmd: [y], outs: *o }`);
    expect(faults(['  b: { cmd: [y], outs: &o { o: file } }', ...stages])).toEqual([]);
  });
});

test('a number that is none is told once', () => {
  expect(faults([], ['seed=.nan'])).toEqual(['- seed has to be a finite number, but is .nan.']);
});

describe('an argument of a program', () => {
  test('that speaks of what the stage has not is told', () => {
    expect(faults(['  b: { cmd: [y, "{outs.out}", "{deps.o}"], outs: { o: file } }'])).toEqual([
      '5:17 b.cmd speaks of {outs.out}, which is none of its outs: o.',
      '5:31 b.cmd speaks of {deps.o}, which is none of its deps: it has none.',
    ]);
  });

  test('may hold other braces', () => expect(faults(['  b: { cmd: [y, "{n}", "{a.b}", "{}"] }'])).toEqual([]));
});

describe('--set', () => {
  test.each([
    ['=4', "--set =4: there is nothing before the '='."],
    ['__proto__.params.n=3', "--set __proto__.params.n=3: there is no stage '__proto__'."],
    ['a.params.n=&l [*l]', '--set a.params.n=&l [*l]: *l stands inside what it stands for.'],
  ])('%s is told', (typed, told) => expect(faults([], [typed])).toEqual([`- ${told}`]));
});
