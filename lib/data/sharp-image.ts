import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';

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
  const problem = (error instanceof Error ? error.message : String(error)).replace(/\.?\s*$/, '').replaceAll('\n', ' ');
  return err(failure('DATA_NOT_AN_IMAGE', { file, problem }));
};

/**
 * Reads a PNG or JPEG file as grey, upright, transparent parts in the colour of the ground; resized when a size is
 * given. Fails when the file is no such image or is damaged.
 */
export async function readGrey(file: string, bytes: Uint8Array, size?: ImageSize): Promise<Result<GreyImage, Failure>> {
  // Loading sharp takes 60 ms; only who reads pictures pays for it.
  const { default: sharp } = await import('sharp');
  const ground = size === undefined || size.invert ? '#ffffff' : '#000000';
  try {
    const { format = 'nothing known' } = await sharp(bytes).metadata();
    if (!FORMATS.includes(format)) return notAnImage(file, `its format is ${format}`);
    let image = sharp(bytes).autoOrient().flatten({ background: ground }).greyscale();
    if (size !== undefined) {
      const { width, height, fit } = size;
      image = image.resize({ width, height, fit, background: ground });
      if (size.invert) image = image.negate();
    }
    const { data, info } = await image.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    return ok({ width: info.width, height: info.height, pixels: new Uint8Array(data) });
  } catch (error) {
    return notAnImage(file, error);
  }
}

/** PNG bytes of a grey image; the same pixels give the same bytes. */
export async function encodePng({ width, height, pixels }: GreyImage): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
