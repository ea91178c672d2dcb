const SIDE = 28;

/** Shows the 28 x 28 bytes that the model is given. */
export function showImage(canvas: HTMLCanvasElement, image: Uint8Array): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const pixels = context.createImageData(SIDE, SIDE);
  for (let at = 0; at < SIDE * SIDE; at++) {
    pixels.data.fill(image[at] ?? 0, 4 * at, 4 * at + 3);
    pixels.data[4 * at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
