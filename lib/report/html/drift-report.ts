import type { DriftWindow } from '../../domain/drift.ts';
import { type SideBySide, sideBySideChart } from '../charts/side-by-side.ts';
import { imageGrid, type ShownImage, unlabelledGrid } from './figure.ts';
import { type Html, html, NOTHING } from './html.ts';
import { chart, page, section } from './page.ts';
import { table } from './table.ts';

/** One window as people look at it. */
export interface ShownWindow {
  readonly window: DriftWindow;
  /** The verdict and its numbers in a line. */
  readonly text: string;
  readonly histograms: readonly SideBySide[];
  /** Answers the model was least sure of and nobody has labelled; and surest of those that were wrong. */
  readonly uncertain: readonly ShownImage[];
  readonly mistakes: readonly ShownImage[];
  /** Which positions have moved, as a picture; undefined where that was not asked for. */
  readonly where: { readonly source: string; readonly text: string } | undefined;
}

export interface DriftReport {
  readonly line: string;
  /** The version that answered. */
  readonly version: number;
  /** True when the data were made by a program. */
  readonly generated: boolean;
  /** Accuracy on labelled answers, in a line. */
  readonly feedback: string;
  readonly windows: readonly ShownWindow[];
  /** Verdicts of all windows of this run, a line each. */
  readonly lines: readonly string[];
}

/** What is known of the live side, as one self-contained page. */
export function driftReport({ line, version, generated, feedback, windows, lines }: DriftReport): string {
  const none = html`<p>Nobody has asked the champion anything that was not looked at before.</p>`;
  const body = [
    html`<h1>${line} v${version}: what it is asked</h1>
<p class="lead">${feedback}</p>
${lines.length < 2 ? NOTHING : html`<ul>${lines.map((line) => html`<li>${line}</li>\n`)}</ul>`}
`,
    ...(windows.length === 0 ? [none] : windows.map(shown)),
  ];
  return page({ title: `${line} v${version}: what it is asked`, generated, body });
}

function shown({ window, text, histograms, uncertain, mistakes, where }: ShownWindow): Html {
  const kind = window.simulated ? 'SIMULATED rows' : 'live rows';
  return html`${section(
    `Drift of ${window.rows} ${kind} of v${window.version}`,
    html`<p><strong>${text}</strong></p>`,
    histograms.length === 0
      ? NOTHING
      : html`<div class="charts">${histograms.map((one) => chart(`${one.title}: shares in the reference and in the window`, sideBySideChart(one)))}</div>`,
    window.tests.length === 0 ? NOTHING : tests(window),
    where === undefined
      ? NOTHING
      : html`<p>${where.text}. The darker, the further; no part of the verdict.</p>
<div class="where"><img src="${where.source}" alt="${where.text}"></div>`,
  )}${
    uncertain.length === 0
      ? NOTHING
      : section(
          'To label next',
          html`<p>Answers nobody has labelled whose two largest probabilities are nearest to each other: a label of one of these teaches more
than most. Write the id and the label into a CSV with the columns <code>prediction_id,label</code>, and <code>npx mlloop feedback import</code> it.</p>`,
          unlabelledGrid(uncertain),
        )
  }${
    mistakes.length === 0
      ? NOTHING
      : section(
          'The surest mistakes',
          html`<p>Answers with the highest probability that a label says were wrong.</p>`,
          imageGrid(mistakes),
        )
  }`;
}

/** Smaller ones are all the same to a reader. */
const SMALL_P = 1e-6;

function pText(value: number): string {
  if (value < SMALL_P) return '< 1e-6';
  return value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

const TESTS = { ks: 'KS', chi_squared: 'chi-squared', psi: 'PSI' } as const;

function tests({ tests: all, level }: DriftWindow): Html {
  const rows = all.map(
    ({ group, name, test, value, pValue, threshold, atLeast, rows: count, referenceRows, verdict }) => [
      `${group === 'predicted' ? 'predicted ' : ''}${name}`,
      TESTS[test],
      value.toFixed(3),
      pText(pValue),
      `p at most ${threshold.toExponential(1)}${atLeast === null ? '' : `, value from ${atLeast}`}`,
      `${count} and ${referenceRows}`,
      verdict === 'drift' ? { text: 'drift', isBest: true } : 'no drift',
    ],
  );
  return table({
    head: ['', 'test', 'value', 'p', 'alarms at', 'rows, of the reference', ''],
    rows,
    texts: [1, 4, 6],
    caption: `Each test has its part of the level ${level}: of windows without drift that share alarms at most.`,
  });
}
