/** A place in the source image for each place in the target: source = matrix * (target - centre) + centre + shift. */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** The map that turns by `radians`, zooms by `zoom` (above 1 is larger) and moves by whole or broken pixels. */
export function affineOf(change: { radians: number; zoom: number; shiftX: number; shiftY: number }): Affine {
  const [cos, sin] = [Math.cos(change.radians) / change.zoom, Math.sin(change.radians) / change.zoom];
  const { shiftX, shiftY } = change;
  return {
    xx: cos,
    xy: sin,
    yx: -sin,
    yy: cos,
    shiftX: -(cos * shiftX + sin * shiftY),
    shiftY: sin * shiftX - cos * shiftY,
  };
}

/** Redraws one grey image under an affine map, bilinear, with 0 outside. `target` must not be `source`. */
export function resample(
  source: Uint8Array,
  target: Uint8Array,
  { affine, height, width }: { readonly affine: Affine; readonly height: number; readonly width: number },
): void {
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (source[y * width + x] as number);
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - centreX, y - centreY];
      const fromX = affine.xx * dx + affine.xy * dy + centreX + affine.shiftX;
      const fromY = affine.yx * dx + affine.yy * dy + centreY + affine.shiftY;
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [u, v] = [fromX - left, fromY - top];
      const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
      const lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
      target[y * width + x] = Math.round(upper * (1 - v) + lower * v);
    }
  }
}
