import { describe, expect, test } from 'vitest';
import { confusionChart } from '../../lib/report/charts/confusion.ts';
import { learningChart } from '../../lib/report/charts/learning.ts';
import { searchChart } from '../../lib/report/charts/search.ts';
import { sideBySideChart } from '../../lib/report/charts/side-by-side.ts';
import { imageGrid } from '../../lib/report/html/figure.ts';
import { html, raw } from '../../lib/report/html/html.ts';
import { chart, page } from '../../lib/report/html/page.ts';
import { table } from '../../lib/report/html/table.ts';
import { plain } from '../../lib/report/model-card/markdown.ts';

describe('a page', () => {
  test('escapes whatever is put into it', () => {
    expect(html`<p title="${'"><script>'}">${'a & b'}</p>${raw('<hr>')}${3}`.html).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">a &amp; b</p><hr>3',
    );
  });

  test('of generated data says so before anything else', () => {
    const text = page({ title: 'x', generated: true, body: [] });
    expect(/<body>\s*<p class="banner">GENERATED DATA/.test(text)).toBe(true);
    expect(page({ title: 'x', generated: false, body: [] })).not.toContain('GENERATED');
  });

  test('marks the wrong answers of a figure', () => {
    const image = { source: 'data:image/png;base64,AA==', actual: '3', confidence: 0.996 };
    const { html: text } = imageGrid([
      { ...image, predicted: '3' },
      { ...image, predicted: '5' },
    ]);
    expect(text).toContain('<figcaption>3 <small>99.6 %</small></figcaption>');
    expect(text).toContain('<figure class="wrong">');
    expect(text).toContain('<figcaption>5 ✗ is 3 <small>99.6 %</small></figcaption>');
  });

  test('marks the best number of a row', () => {
    const { html: text } = table({ head: ['', 'a'], rows: [['accuracy', { text: '0.9', isBest: true }]] });
    expect(text).toContain('<th scope="row">accuracy</th><td class="best">0.9</td>');
  });
});

test('text from elsewhere means nothing in Markdown', () => {
  expect(plain('a|b *c* _d_ `e` [f](g) <h> ~~i~~ &lt; $j$\n# k \\')).toBe(
    'a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) \\<h\\> \\~\\~i\\~\\~ \\&lt; \\$j\\$ \\# k \\\\',
  );
});

test('words of a table stand to the left, and what it is about is said before it', () => {
  const { html: text } = table({ head: ['', 'test'], rows: [['age', 'KS']], texts: [1], caption: 'Two "samples".' });
  expect(text).toContain('<p class="caption">Two &quot;samples&quot;.</p>');
  expect(text).toContain('<table aria-label="Two &quot;samples&quot;.">');
  expect(text).toContain('<th scope="col" class="text">test</th>');
  expect(text).toContain('<td class="text">KS</td>');
});

describe('a chart', () => {
  test('is told to those who cannot see it, and its attributes are closed', () => {
    const { html: text } = chart('Loss by "epoch"', confusionChart({ classes: ['a', 'b'], counts: [7, 1, 0, 9] }));
    expect(text).toMatch(/^<div class="chart" role="img" aria-label="Loss by &quot;epoch&quot;"><svg /);
    const rest = text.replace(/<\/?\w+(\s[\w:-]+="[^"<>]*")*\s*\/?>/g, '').replace(/[^<>"]/g, '');
    expect(rest).toBe('');
  });

  const confusion = (): string => confusionChart({ classes: ['a', 'b'], counts: [7, 1, 0, 9] });

  test('is the same text for the same numbers, however many were drawn before', () => {
    const first = confusion();
    learningChart('loss', [{ name: 'x', values: [1, 0.5], colour: 'baseline', isHeldOut: false }]);
    expect(confusion()).toBe(first);
  });

  test('of a confusion matrix shows every count but zeros', () => {
    const texts = [...confusion().matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    expect(texts.filter((text) => /^\d$/.test(text ?? '')).sort()).toEqual(['1', '7', '9']);
  });

  const textsOf = (svg: string): (string | undefined)[] =>
    [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  const animals = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

  test('of a confusion matrix names every class on both sides, however long the names are', () => {
    const texts = textsOf(confusionChart({ classes: animals, counts: animals.flatMap(() => animals.map(() => 0)) }));
    for (const name of animals) expect(texts.filter((text) => text === name)).toHaveLength(2);
  });

  test('of two histograms names every class', () => {
    const shares = animals.map(() => 0.1);
    const svg = sideBySideChart({ title: 'label', names: animals, reference: shares, window: shares });
    for (const name of animals) expect(textsOf(svg)).toContain(name);
  });

  test('is sound XML, whatever a class is called', async () => {
    const { default: sharp } = await import('sharp');
    const svg = confusionChart({ classes: ['</text><script>', `a "b" & 'c'`], counts: [1, 2, 3, 4] });
    expect(svg).not.toContain('<script');
    expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
  });

  test('of a search names every candidate, also one that failed', () => {
    const point = { mean: 0.9, std: 0.01, folds: [0.89, 0.91], status: 'succeeded', isWinner: true };
    const failed = { mean: null, std: null, folds: [null, 0.5], status: 'failed', isWinner: false };
    const svg = searchChart([
      { name: 'hidden [64]', ...point },
      { name: 'hidden [9]', ...failed },
    ]);
    expect(svg).toContain('hidden [64]');
    expect(svg).toContain('hidden [9] (failed)');
    expect(svg).toContain('0.9000');
  });
});
