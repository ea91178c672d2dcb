import { COLOURS, renderChart } from './render.ts';

export interface SideBySide {
  readonly title: string;
  /** What the bars stand on: classes, or bins by their lower edge. */
  readonly names: readonly string[];
  /** Share of rows in each, of the reference and of the window. */
  readonly reference: readonly number[];
  readonly window: readonly number[];
}

/** Whether names are those of classes, of which each has to be told, and too long to stand side by side. */
const isCrowded = (names: readonly string[]): boolean =>
  names.some((name) => Number.isNaN(Number(name))) &&
  names.reduce((sum, { length }) => sum + 7 * (length + 1), 0) > 404;

/** No share is larger than all, whatever a round axis would like. */
const WHOLE = { max: 100, interval: 25 } as const;

/** Two histograms over the same bins, bar beside bar. */
export function sideBySideChart({ title, names, reference, window }: SideBySide): string {
  const bars = (name: string, shares: readonly number[], color: string): object => ({
    name,
    type: 'bar',
    barGap: '5%',
    barCategoryGap: '25%',
    data: shares.map((share) => 100 * share),
    itemStyle: { color },
  });
  const crowded = isCrowded(names);
  const turned = crowded ? { interval: 0, rotate: 40, width: 84, overflow: 'truncate' } : {};
  const most = Math.max(...reference, ...window);
  return renderChart(
    {
      title: { text: title, left: 8, top: 4, textStyle: { fontSize: 13, fontWeight: 600, color: COLOURS.ink } },
      legend: { right: 8, top: 4, itemWidth: 12, itemHeight: 10, itemGap: 20 },
      grid: { left: 44, top: 40, right: 12, bottom: crowded ? 78 : 28 },
      xAxis: { type: 'category', data: [...names], axisTick: { show: false }, axisLabel: { fontSize: 10, ...turned } },
      yAxis: {
        type: 'value',
        splitNumber: 3,
        ...(most > 0.75 ? WHOLE : {}),
        axisLabel: { formatter: '{value} %' },
        splitLine: { lineStyle: { color: COLOURS.faint } },
      },
      series: [bars('reference', reference, '#a3abb3'), bars('window', window, COLOURS.optimised)],
    },
    { width: 460, height: crowded ? 250 : 200 },
  );
}
