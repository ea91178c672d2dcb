import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { isCutOff } from './cut-off-image.ts';

const FORMATS: readonly string[] = ['png', 'jpeg'];

/** How an image of any size becomes one of the dataset's. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
  /** `contain` keeps all and pads, `cover` fills and crops, `fill` distorts. */
  readonly fit: 'contain' | 'cover' | 'fill';
  /** True for dark ink on light ground: the dataset keeps ink light on black. */
  readonly invert: boolean;
}

/** Grey pixels, row-major, 0 black to 255 white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const notAnImage = (file: string, error: unknown): { readonly ok: false; readonly failure: Failure } => {
  const text = error instanceof Error ? error.message : String(error);
  // libvips repeats itself on further lines; a first line that ends in a colon says nothing without the next.
  const [first = text, second = ''] = text.split('\n');
  // What that says is kept for all threads in one place, and a picture that is read at the same time may have taken it.
  const isUnsaid = first.trimEnd().endsWith(':');
  const told = isUnsaid ? `${first.trimEnd()} ${second.trim() === '' ? 'it is damaged' : second}` : first;
  return err(failure('DATA_NOT_AN_IMAGE', { file, problem: told.replace(/[.\s]+$/, '') }));
};

/**
 * Reads a PNG or JPEG file as grey, upright, transparent parts in the colour of the ground: to an exact size, or no larger
 * than `limit` pixels on its longer side. Fails when the file is no such image or is damaged.
 */
export async function readGrey(
  file: string,
  bytes: Uint8Array,
  to: ImageSize | { readonly limit: number },
): Promise<Result<GreyImage, Failure>> {
  // Loading sharp takes 60 ms; only who reads pictures pays for it.
  const { default: sharp } = await import('sharp');
  const isDarkOnLight = 'limit' in to || to.invert;
  const background = isDarkOnLight ? '#ffffff' : '#000000';
  try {
    const { format = 'unknown' } = await sharp(bytes).metadata();
    if (!FORMATS.includes(format)) return notAnImage(file, `its format is ${format}`);
    const upright = sharp(bytes).autoOrient().flatten({ background }).greyscale();
    const resized =
      'limit' in to
        ? upright.resize({ width: to.limit, height: to.limit, fit: 'inside', withoutEnlargement: true })
        : upright.resize({ width: to.width, height: to.height, fit: to.fit, background });
    const turned = 'limit' in to || !to.invert ? resized : resized.negate();
    const { data, info } = await turned.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    return ok({ width: info.width, height: info.height, pixels: new Uint8Array(data) });
  } catch (error) {
    return notAnImage(file, isCutOff(bytes) ? 'it is cut off, its end is missing' : error);
  }
}

const rawOf = ({ width, height }: GreyImage) => ({ raw: { width, height, channels: 1 as const } });

/** A part of a grey image, redrawn at another size. */
export async function resizeGrey(
  image: GreyImage,
  part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): Promise<GreyImage> {
  const { default: sharp } = await import('sharp');
  const cropped = sharp(image.pixels, rawOf(image)).extract({ ...part });
  const data = await cropped
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  return { ...size, pixels: new Uint8Array(data) };
}

/** PNG bytes of a grey image; the same pixels give the same bytes. */
export async function encodePng(image: GreyImage): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(image.pixels, rawOf(image)).toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer();
}

/** The image as PNG inside a data URI, for a page that needs no other file. */
export async function pngDataUri(image: GreyImage): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await encodePng(image)).toString('base64')}`;
}
