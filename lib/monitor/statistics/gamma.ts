/** Terms after which a sum or a fraction has long stopped changing. */
const MAX_TERMS = 10_000;

const TINY = 1e-300;

/** Lanczos' coefficients for g = 7, nine terms (Godfrey, 2001): about 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  // The reflection formula: the series is for x >= 1/2.
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  const sum = LANCZOS.reduce((total, factor, at) => (at === 0 ? factor : total + factor / (shifted + at)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/**
 * Q(a, x), the upper regularised incomplete gamma function, for a > 0 and x >= 0: 1 at 0, falling to 0. By its series below
 * a + 1 and by its continued fraction above (DLMF 8.7.1 and 8.9.2, evaluated by Lentz' method).
 */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let at = 1; at < MAX_TERMS && term > sum * Number.EPSILON; at++) {
    term *= x / (a + at);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let at = 1; at < MAX_TERMS; at++) {
    const factor = -at * (at - a);
    b += 2;
    d = 1 / (factor * d + b || TINY);
    c = b + factor / c || TINY;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return fraction;
}
