import type { PenPath, PenPoint } from './pen-path.ts';

/** The piece of a stroke between two points, ready to be measured against. */
interface Piece {
  readonly from: PenPoint;
  readonly to: PenPoint;
  readonly dx: number;
  readonly dy: number;
  readonly lengthSquared: number;
}

/** Where the ink is: 0 for none to 1 for full, row-major, side x side; edges fall off over `softness` pixels. */
export function rasterize(path: PenPath, side: number, softness: number): Float32Array {
  const coverage = new Float32Array(side * side);
  for (const stroke of path) {
    for (let at = 1; at < stroke.length; at++) {
      const [from, to] = [stroke[at - 1] as PenPoint, stroke[at] as PenPoint];
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      cover(coverage, { from, to, dx, dy, lengthSquared: dx * dx + dy * dy || 1e-9 }, { side, softness });
    }
  }
  return coverage;
}

function cover(coverage: Float32Array, piece: Piece, { side, softness }: { side: number; softness: number }): void {
  const { from, to, dx, dy, lengthSquared } = piece;
  const reach = Math.max(from.radius, to.radius) + softness;
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const right = Math.min(side - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(side - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const [ex, ey] = [px - along * dx, py - along * dy];
      const distance = Math.sqrt(ex * ex + ey * ey);
      const radius = from.radius + along * (to.radius - from.radius);
      const ink = Math.min(1, (radius - distance) / softness + 0.5);
      const pixel = y * side + x;
      if (ink > (coverage[pixel] as number)) coverage[pixel] = ink;
    }
  }
}
