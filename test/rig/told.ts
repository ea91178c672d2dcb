/** Told every few seconds of a stage, so only on a machine that is slow. */
const PROGRESS = /^\w+ +(epoch|cell|model) \d/;

/**
 * What people read, without what differs from one machine or moment to the next: times, sizes, and numbers that depend on a
 * processor's rounding. Runs of blanks become one, because columns are as wide as what stands in them.
 */
export const told = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes('tfjs-node is') && !PROGRESS.test(line))
    .map((line) =>
      line
        .replace(/\b\d+(\.\d+)? (ms|s|min \d\d s)(?=\s|$|\b)/g, '<time>')
        .replace(/\b\d+(\.\d+)? (B|kB|MB)\b/g, '<size>')
        .replace(/onnx \d[\d.]*, /, 'onnx <version>, ')
        .replace(/tfjs \d[\d.]*, .*/, 'tfjs <backend>')
        .replace(/(\bhttp(?:Difference|LatencyP\d\dMs) +)[\d.]+(?:e-\d+)?/, '$1<n>')
        .replace(/\b\d\.\d+(e-\d+)?\b/g, '<n>')
        .replace(/(\S) {2,}/g, '$1  ')
        .trimEnd(),
    )
    .join('\n');
