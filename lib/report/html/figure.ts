import { type Html, html } from './html.ts';

/** One image of a figure, with what it is and what it was taken for. */
export interface ShownImage {
  /** A data URI. */
  readonly source: string;
  readonly actual: string;
  /** Where it can be found again; left out where that is no question. */
  readonly id?: string;
  readonly predicted: string;
  /** Probability of the prediction. */
  readonly confidence: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`;

function shown({ source, actual, predicted, confidence }: ShownImage): Html {
  const isRight = actual === predicted;
  const verdict = isRight ? `${predicted}` : `${predicted} ✗ is ${actual}`;
  const description = `a ${actual}, taken for ${predicted} with ${percent(confidence)}`;
  return html`<figure class="${isRight ? 'right' : 'wrong'}"><img src="${source}" alt="${description}" title="${description}">
<figcaption>${verdict} <small>${percent(confidence)}</small></figcaption></figure>`;
}

/** Images nobody has labelled, each with the answer and the id that a label needs. */
export const unlabelledGrid = (images: readonly ShownImage[]): Html =>
  html`<div class="images">${images.map(({ source, predicted, confidence, id = '' }) => {
    const description = `prediction ${id}, taken for ${predicted} with ${percent(confidence)}`;
    return html`<figure><img src="${source}" alt="${description}" title="${description}">
<figcaption>${predicted}? <small>${percent(confidence)}</small><code>${id}</code></figcaption></figure>\n`;
  })}</div>`;

/** Images in rows of five, each with the answer under it; wrong answers are framed and marked. */
export const imageGrid = (images: readonly ShownImage[]): Html =>
  html`<div class="images">${images.map((image) => html`${shown(image)}\n`)}</div>`;
