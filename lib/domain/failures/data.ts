import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** Faults of the data a stage is given. */
export const dataFailures = {
  DATA_NOT_A_DATASET: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ folder, problem }) => `${folder} is not a dataset: ${problem}.`,
  }),
  DATA_BAD_COLUMNS: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `These columns do not make a dataset: ${problem}.`,
  }),
  DATA_BAD_NPY: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} is not an .npy file this program reads: ${problem}.`,
    hint: () => 'It reads version 1.0, C order, of uint8, int32 or float32.',
  }),
  DATA_NO_FILE: defineFailure<{ readonly folder: string; readonly wanted: string; readonly seen: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ folder, wanted, seen }) =>
      `${folder} holds no ${wanted}; it holds ${seen.length === 0 ? 'nothing' : seen.slice(0, 8).join(', ')}.`,
  }),
  DATA_UNREADABLE: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} cannot be read: ${problem}.`,
  }),
  DATA_EMPTY_FILE: defineFailure<{ readonly file: string }>({
    exit: EXIT.usage,
    text: ({ file }) => `${file} is empty (0 bytes).`,
    hint: () => 'Copy or download it again.',
  }),
  DATA_BAD_GZIP: defineFailure<{ readonly file: string; readonly bytes: number; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, bytes, problem }) => `${file} (${bytes} bytes) does not unpack: ${problem}.`,
    hint: () => 'Copy or download it again.',
  }),
  DATA_IDX_MAGIC: defineFailure<{
    readonly file: string;
    readonly seen: number;
    readonly expected: number;
    readonly holds: string;
  }>({
    exit: EXIT.usage,
    text: ({ file, seen, expected, holds }) =>
      `${file} does not begin like IDX ${holds}: its magic number is ${seen} (${hex(seen)}), expected ${expected} (${hex(expected)}).`,
  }),
  DATA_IDX_LENGTH: defineFailure<{
    readonly file: string;
    readonly header: string;
    readonly expected: number;
    readonly seen: number;
  }>({
    exit: EXIT.usage,
    text: ({ file, header, expected, seen }) =>
      `${file} disagrees with its header: expected ${expected} bytes (${header}), the file holds ${seen}.`,
    hint: () => 'The file was cut off or is not what its name says; copy or download it again.',
  }),
  DATA_IDX_COUNTS: defineFailure<{
    readonly images: string;
    readonly imageRows: number;
    readonly labels: string;
    readonly labelRows: number;
  }>({
    exit: EXIT.usage,
    text: ({ images, imageRows, labels, labelRows }) =>
      `${images} holds ${imageRows} images, but ${labels} holds ${labelRows} labels.`,
    hint: () => 'Every image needs one label: the two files must come from the same set.',
  }),
  DATA_IDX_SHAPES: defineFailure<{ readonly first: string; readonly second: string }>({
    exit: EXIT.usage,
    text: ({ first, second }) => `Training and test images differ in size: ${first} and ${second} pixels.`,
  }),
  DATA_LABEL_RANGE: defineFailure<{
    readonly file: string;
    readonly row: number;
    readonly seen: number;
    readonly classes: number;
  }>({
    exit: EXIT.usage,
    text: ({ file, row, seen, classes }) =>
      `${file}: label ${seen} in row ${row} is no class; labels run from 0 to ${classes - 1}.`,
    hint: () => "Mend the file, or name all classes in the stage's params: idx: { classes: [...] }.",
  }),
  DATA_NOT_AN_IMAGE: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} is not an image: ${problem}.`,
    hint: () => 'PNG and JPEG are read. Move anything else out of the folder.',
  }),
  DATA_NO_IMAGES: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ folder, problem }) => `${folder} is not a folder of images: ${problem}.`,
    hint: () => 'It needs one folder per class, named for the class, with PNG or JPEG files in it.',
  }),
  DATA_BLANK_IMAGE: defineFailure<{ readonly file: string }>({
    exit: EXIT.usage,
    text: ({ file }) => `${file} is blank: there is nothing to recognise in it.`,
  }),
  DATA_WRONG_HASH: defineFailure<{ readonly file: string; readonly seen: string; readonly expected: string }>({
    exit: EXIT.usage,
    text: ({ file, seen, expected }) => `${file} is not the original: its SHA-256 is ${seen}, expected ${expected}.`,
    hint: ({ file }) => `Delete ${file} and run again: it is then fetched anew.`,
  }),
  DATA_DOWNLOAD: defineFailure<{ readonly url: string; readonly problem: string }>({
    exit: EXIT.usage,
    isTransient: true,
    text: ({ url, problem }) => `${url} could not be had: ${problem}.`,
  }),
  DATA_UNAVAILABLE: defineFailure<{
    readonly source: string;
    readonly missing: readonly string[];
    readonly looked: readonly string[];
    readonly tried: readonly string[];
    readonly folder: string;
  }>({
    exit: EXIT.usage,
    isTransient: true,
    text: ({ source, missing, looked, tried }) =>
      [
        `The source '${source}' cannot be had: ${missing.join(', ')} missing.`,
        ...looked.map((place) => `  not in ${place}`),
        ...tried.map((attempt) => `  ${attempt}`),
      ].join('\n'),
    hint: ({ folder }) =>
      `Put the files into ${folder}, or declare a fallback in the stage's params: fallback: synthetic-digits.`,
  }),
  DATA_NO_DEP: defineFailure<{ readonly source: string; readonly dep: string; readonly example: string }>({
    exit: EXIT.usage,
    text: ({ source, dep }) => `The source '${source}' reads a dep named '${dep}', which is not declared or not there.`,
    hint: ({ example }) => `Declare it in pipeline.yaml: ${example}`,
  }),
  DATA_TOO_FEW_ROWS: defineFailure<{ readonly what: string; readonly seen: number; readonly needed: number }>({
    exit: EXIT.usage,
    text: ({ what, seen, needed }) => `Too few rows for ${what}: ${seen}, at least ${needed} needed.`,
  }),
  DATA_FOLDS: defineFailure<{ readonly label: number; readonly rows: number; readonly folds: number }>({
    exit: EXIT.usage,
    text: ({ label, rows, folds }) =>
      `Class ${label} has ${rows} ${rows === 1 ? 'row' : 'rows'}, too few for ${folds} folds: every fold needs one.`,
    hint: ({ rows, folds }) =>
      rows >= 2 ? `Set folds to ${rows} or less, or collect more rows.` : `Collect at least ${folds} rows of it.`,
  }),
  DATA_NO_PIXELS: defineFailure<{ readonly what: string; readonly features: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ what, features }) =>
      `${what} needs images, a uint8 column of two dimensions; the features are ${features.join(', ') || 'none'}.`,
  }),
  DATA_FEEDBACK_SHAPE: defineFailure<{
    readonly labelId: number;
    readonly seen: number;
    readonly expected: number;
  }>({
    exit: EXIT.usage,
    text: ({ labelId, seen, expected }) =>
      `The accepted feedback with label id ${labelId} has ${seen} bytes; a row of this source has ${expected}.`,
    hint: () =>
      'The source or its image size changed since the feedback was given: keep both, or give the pipeline a new name.',
  }),
  DATA_FEEDBACK_CLASS: defineFailure<{
    readonly labelId: number;
    readonly seen: number;
    readonly classes: number;
  }>({
    exit: EXIT.usage,
    text: ({ labelId, seen, classes }) =>
      `The accepted feedback with label id ${labelId} says class ${seen}; this source has classes 0 to ${classes - 1}.`,
    hint: () => 'The source changed since the feedback was given: keep it, or give the pipeline a new name.',
  }),
} as const;
