import { create } from './element.ts';

export interface Bars {
  /** Another model's classes. */
  classes(names: readonly string[]): void;
  /** A probability for each class; none where nothing is drawn. */
  show(probabilities: readonly number[]): void;
}

interface Row {
  readonly item: HTMLLIElement;
  readonly fill: HTMLDivElement;
  readonly value: HTMLSpanElement;
}

export const percent = (probability: number): string => `${(100 * probability).toFixed(1)} %`;

/** A bar for the probability of each class. */
export function createBars(list: HTMLOListElement): Bars {
  let rows: Row[] = [];
  return {
    classes: (names) => {
      rows = names.map((name) => {
        const item = create('li');
        const track = create('div', { className: 'track' });
        const fill = create('div', { className: 'fill' });
        const value = create('span', { className: 'value' });
        track.append(fill);
        item.append(create('span', { className: 'class', text: name }), track, value);
        return { item, fill, value };
      });
      list.replaceChildren(...rows.map(({ item }) => item));
    },
    show: (probabilities) => {
      const best = probabilities.indexOf(Math.max(...probabilities));
      for (const [at, { item, fill, value }] of rows.entries()) {
        const probability = probabilities[at];
        fill.style.transform = `scaleX(${probability ?? 0})`;
        value.textContent = probability === undefined ? '–' : percent(probability);
        item.classList.toggle('best', at === best);
      }
    },
  };
}
