import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { idxImages, idxLabels } from '../data/idx-files.ts';
import { type Project, tinyProject } from '../rig/project.ts';

let project: Project;
afterEach(() => project.dispose());

/** What a person reads under the stage that failed. */
async function refusal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ status: number | null; told: string[] }> {
  const { status, stderr } = await project.mlloop(['run', '--to', 'optimize', '--profile', 'tiny', ...args], env);
  const lines = stderr.replaceAll(project.root, '<root>').split('\n');
  const from = lines.findIndex((line) => /^\w+ +failed/.test(line));
  return {
    status,
    told: lines.slice(
      from + 1,
      lines.findIndex((line, at) => at > from && !line.startsWith('  ')),
    ),
  };
}

const isWhole = (): void => {
  expect(project.rows("SELECT status FROM run WHERE status = 'running'")).toEqual([]);
  expect(project.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
};

describe('bad data ends the run with one message and exit 2', () => {
  test('a folder of images with one that is no image', async () => {
    project = tinyProject();
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    project.write('scans/a/1.png', png);
    project.write('scans/b/1.png', png);
    project.write('scans/b/notes.png', 'no picture');
    const yaml = project.read('pipeline.yaml').replace('      mnist: {', '      files: ./scans\n      mnist: {');
    project.write('pipeline.yaml', yaml);
    const { status, told } = await refusal(['--set', 'collect.params.source=images']);
    expect(status).toBe(2);
    expect(told[0]).toBe('  <root>/scans/b/notes.png is not an image: Input buffer contains unsupported image format.');
    isWhole();
  });

  test('MNIST files that were cut off', async () => {
    project = tinyProject();
    for (const half of ['train', 't10k']) {
      project.write(`files/${half}-images-idx3-ubyte.gz`, gzipSync(idxImages(2)).subarray(0, 20));
      project.write(`files/${half}-labels-idx1-ubyte.gz`, gzipSync(idxLabels([0, 1])));
    }
    project.write(
      'pipeline.yaml',
      project.read('pipeline.yaml').replace('      mnist: {', '      files: ./files\n      mnist: {'),
    );
    const { status, told } = await refusal(['--set', 'collect.params.source=idx']);
    expect(status).toBe(2);
    expect(told[0]).toBe(
      '  <root>/files/train-images-idx3-ubyte.gz (20 bytes) does not unpack: it ends in the middle, the end is missing.',
    );
    isWhole();
  });

  test('folds larger than the smallest class', async () => {
    project = tinyProject();
    const { status, told } = await refusal(['--set', 'optimize.params.folds=200']);
    expect(status).toBe(2);
    expect(told[0]).toMatch(/^ {2}Class \d has \d+ rows, too few for 200 folds: every fold needs one\.$/);
    expect(told[1]).toMatch(/^ {2}Set folds to \d+ or less, or collect more rows\.$/);
    isWhole();
  });
});

describe('bad params are told before anything runs', () => {
  const told = async (...set: string[]): Promise<string> => {
    project = tinyProject();
    const args = ['run', '--profile', 'tiny', ...set.flatMap((one) => ['--set', one])];
    const { status, stderr } = await project.mlloop(args);
    expect(status).toBe(2);
    return stderr.replaceAll(project.root, '<root>');
  };

  test('an unknown source, with those there are', async () => {
    expect(
      await told('collect.params.source=minst'),
    ).toBe(`collect.params.source is 'minst', which is not known. Did you mean 'mnist'?
Known: mnist, synthetic-digits, idx, images.
`);
  });

  test('a grid that is empty', async () => {
    expect(await told('optimize.params.grid={}')).toBe('optimize.params.grid is empty; it needs at least 1 entry.\n');
  });

  test('a grid without values', async () => {
    expect(await told('optimize.params.grid={hidden: []}')).toBe(
      'optimize.params.grid.hidden is empty; it needs at least 1 entry.\n',
    );
  });

  test('a grid that names what does not exist', async () => {
    expect(
      await told('optimize.params.grid={hiden: [[64]]}'),
    ).toBe(`optimize.params.grid has an unknown key 'hiden'. Did you mean 'hidden'?
Known here: hidden, layers, activation, dropout, l2, optimizer, learningRate, schedule, batch, epochs, patience.
`);
  });

  test('two problems at once', async () => {
    expect(
      await told('train.params.epochs=many', 'train.params.optimizer=adm'),
    ).toBe(`train.params.optimizer is 'adm', which is not known. Did you mean 'adam'?
Known: sgd, momentum, adagrad, rmsprop, adam.

train.params.epochs has to be a whole number, but is 'many'.
`);
  });
});
