import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import { sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { readFileBytes } from './read-bytes.ts';
import { AUGMENTED_IDS_FROM } from './row-ids.ts';
import { type ImageSize, readGrey } from './sharp-image.ts';

interface ImageFile {
  readonly path: string;
  /** Class folder and name. */
  readonly name: string;
  readonly label: number;
}

interface ReadImage {
  readonly pixels: Uint8Array;
  readonly sha256: string;
}

/** Files decoded at once; the answer does not depend on it. */
const AT_ONCE = 8;

const visible = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function listImages(folder: string): Result<{ classes: readonly string[]; files: readonly ImageFile[] }, Failure> {
  const bad = (problem: string) => err(failure('DATA_NO_IMAGES', { folder, problem }));
  let entries: ReturnType<typeof visible>;
  try {
    entries = visible(folder);
  } catch (error) {
    return err(
      failure('DATA_UNREADABLE', { file: folder, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
  const stray = entries.find((entry) => entry.isFile() && /\.(png|jpe?g)$/i.test(entry.name));
  if (stray !== undefined) return bad(`${stray.name} lies outside the class folders`);
  const classes = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (classes.length < 2) return bad(`it holds ${classes.length} class folders, at least 2 are needed`);
  const files: ImageFile[] = [];
  for (const [label, name] of classes.entries()) {
    const inside = visible(join(folder, name));
    if (inside.length === 0) return bad(`the class folder ${name} is empty`);
    for (const entry of inside) {
      const path = join(folder, name, entry.name);
      if (!entry.isFile()) return err(failure('DATA_NOT_AN_IMAGE', { file: path, problem: 'it is a folder' }));
      files.push({ path, name: `${name}/${entry.name}`, label });
    }
  }
  return ok({ classes, files });
}

async function readAll(
  files: readonly ImageFile[],
  options: ReadImagesOptions,
): Promise<Result<readonly ReadImage[], Failure>> {
  const images: ReadImage[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const batch = files.slice(start, start + AT_ONCE).map(async ({ path }) => {
      const bytes = readFileBytes(path);
      if (!bytes.ok) return bytes;
      const image = await readGrey(path, bytes.value, options.size);
      return image.ok ? ok({ pixels: image.value.pixels, sha256: sha256(bytes.value) }) : image;
    });
    for (const image of await Promise.all(batch)) {
      if (!image.ok) return image;
      images.push(image.value);
    }
    options.onProgress?.(images.length, files.length);
  }
  return ok(images);
}

/** An id that stays with an image when others are added: from its content, moved on by one where it is taken. */
function contentIds(images: readonly ReadImage[]): Int32Array {
  const taken = new Set<number>();
  return Int32Array.from(images, (image) => {
    let id = Number.parseInt(image.sha256.slice(0, 12), 16) % AUGMENTED_IDS_FROM;
    while (taken.has(id)) id = (id + 1) % AUGMENTED_IDS_FROM;
    taken.add(id);
    return id;
  });
}

/** One hash per class folder, over names and contents: a hash per image would swamp dataset.json. */
function folderHashes(files: readonly ImageFile[], images: readonly ReadImage[]): Record<string, string> {
  const lines = new Map<string, string[]>();
  files.forEach(({ name }, at) => {
    const folder = name.slice(0, name.indexOf('/'));
    lines.set(folder, [...(lines.get(folder) ?? []), `${name} ${images[at]?.sha256}\n`]);
  });
  return Object.fromEntries([...lines].map(([folder, parts]) => [`${folder}/`, sha256(parts.join(''))]));
}

export interface ReadImagesOptions {
  readonly size: ImageSize;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads a folder that holds one folder per class, named for the class, of PNG or JPEG files. Classes and files are
 * sorted by code unit, hidden files ignored; the first file that is no image is the failure.
 */
export async function readImageFolder(folder: string, options: ReadImagesOptions): Promise<Result<Dataset, Failure>> {
  const listed = listImages(folder);
  if (!listed.ok) return listed;
  const { classes, files } = listed.value;
  const read = await readAll(files, options);
  if (!read.ok) return read;
  const { width, height, fit, invert } = options.size;
  const data = new Uint8Array(files.length * width * height);
  read.value.forEach(({ pixels }, at) => {
    data.set(pixels, at * width * height);
  });
  return createDataset({
    columns: {
      label: Int32Array.from(files, (file) => file.label),
      id: contentIds(read.value),
      pixels: { data, shape: [height, width] },
    },
    classes,
    provenance: [
      {
        source: 'images',
        rows: files.length,
        sha256: folderHashes(files, read.value),
        detail: { width, height, fit, invert },
      },
    ],
  });
}
