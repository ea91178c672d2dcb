/** Passes on what it is given whenever so many milliseconds have gone by since it was made, or since it last did. */
export function atMostEvery<Given extends readonly unknown[]>(
  ms: number,
  tell: (...given: Given) => void,
): (...given: Given) => void {
  let toldMs = performance.now();
  return (...given) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < ms) return;
    toldMs = nowMs;
    tell(...given);
  };
}
