import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { readFileBytes } from './read-bytes.ts';
import { type GreyImage, readGrey, resizeGrey } from './sharp-image.ts';

/** Size of the images a model takes, and how strange ones are fitted. */
export interface TargetSize {
  readonly width: number;
  readonly height: number;
  /** Share of the target's side the drawing's longer side gets; MNIST's digits have 20 of 28 pixels. */
  readonly box?: number;
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Larger pictures are made smaller first: it takes out the grain of a photo. */
const WORKING_SIDE = 400;
/** Grey below this share of the darkest ink is paper. */
const INK_SHARE = 0.3;
/** Ground and ink less apart than this make a blank picture. */
const MIN_CONTRAST = 24;

function borderMedian({ width, height, pixels }: GreyImage): number {
  const border: number[] = [];
  for (let x = 0; x < width; x++) border.push(pixels[x] as number, pixels[(height - 1) * width + x] as number);
  for (let y = 0; y < height; y++) border.push(pixels[y * width] as number, pixels[y * width + width - 1] as number);
  border.sort((a, b) => a - b);
  return border[border.length >> 1] as number;
}

/** Ink light on black: the brightness of the border says which is ground. */
function inkOnBlack(image: GreyImage): GreyImage {
  if (borderMedian(image) <= 127) return image;
  return { ...image, pixels: image.pixels.map((value) => 255 - value) };
}

/** Stretches ground to 0 and full ink to 255; undefined when the two are too close. */
function stretch(image: GreyImage): GreyImage | undefined {
  const ground = borderMedian(image);
  const brightest = image.pixels.reduce((most, value) => Math.max(most, value), 0);
  if (brightest - ground < MIN_CONTRAST) return undefined;
  // JPEG overshoots at edges: full ink is what most of the ink is, not its brightest pixel.
  const inked = image.pixels.filter((value) => value > (ground + brightest) / 2).sort();
  const scale = 255 / ((inked[inked.length >> 1] as number) - ground);
  const pixels = image.pixels.map((value) => Math.round(Math.min(255, Math.max(0, value - ground) * scale)));
  return { ...image, pixels };
}

function inkBox({ width, height, pixels }: GreyImage): Rectangle {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((pixels[y * width + x] as number) < 255 * INK_SHARE) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Where the ink weighs, in pixels from the image's top left corner. */
function centreOfMass({ width, pixels }: GreyImage): { readonly x: number; readonly y: number } {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, at) => {
    mass += value;
    x += value * ((at % width) + 0.5);
    y += value * (Math.floor(at / width) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}

/** Lays the drawing into an empty image, its centre of mass in the middle; what would stick out is cut off. */
function centre(drawing: GreyImage, { width, height }: TargetSize): Uint8Array {
  const target = new Uint8Array(width * height);
  const mass = centreOfMass(drawing);
  const [shiftX, shiftY] = [Math.round(width / 2 - mass.x), Math.round(height / 2 - mass.y)];
  for (let y = 0; y < drawing.height; y++) {
    for (let x = 0; x < drawing.width; x++) {
      const [toX, toY] = [x + shiftX, y + shiftY];
      if (toX < 0 || toY < 0 || toX >= width || toY >= height) continue;
      target[toY * width + toX] = drawing.pixels[y * drawing.width + x] as number;
    }
  }
  return target;
}

/**
 * Reads a PNG or JPEG of any size as a model takes it: grey, ink light on black (dark ink on light ground is turned), cropped
 * to the ink, its longer side scaled to the box, the centre of mass in the middle, as MNIST was made (LeCun et al., 1998). An
 * image that has the target's size already is only turned. Fails when the file is no image or blank.
 */
export async function readGreyImage(file: string, size: TargetSize): Promise<Result<Uint8Array, Failure>> {
  const bytes = readFileBytes(file);
  if (!bytes.ok) return bytes;
  const read = await readGrey(file, bytes.value, { limit: Math.max(WORKING_SIDE, size.width, size.height) });
  if (!read.ok) return read;
  const image = inkOnBlack(read.value);
  const stretched = stretch(image);
  if (stretched === undefined) return err(failure('DATA_BLANK_IMAGE', { file }));
  if (image.width === size.width && image.height === size.height) return ok(image.pixels);
  const crop = inkBox(stretched);
  const side = Math.min(size.width, size.height) * (size.box ?? 20 / 28);
  const scale = side / Math.max(crop.width, crop.height);
  const drawing = await resizeGrey(stretched, crop, {
    width: Math.max(1, Math.round(crop.width * scale)),
    height: Math.max(1, Math.round(crop.height * scale)),
  });
  return ok(centre(drawing, size));
}
