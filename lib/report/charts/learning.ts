import { COLOURS, renderChart } from './render.ts';

/** One curve: a value per epoch, from 1; null where there is none. */
export interface LearningCurve {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly colour: keyof typeof COLOURS;
  /** Drawn broken: rows the model did not learn from. */
  readonly isHeldOut: boolean;
}

/** Loss or accuracy by epoch, one line a curve. */
export function learningChart(title: string, curves: readonly LearningCurve[]): string {
  const shown = curves.filter(({ values }) => values.some((value) => value !== null));
  const epochs = Math.max(...shown.map(({ values }) => values.length), 1);
  return renderChart(
    {
      title: { text: title, left: 0, top: 0, textStyle: { fontSize: 14 } },
      grid: { left: 52, top: 62, right: 16, bottom: 44 },
      legend: { top: 26, left: 0, itemWidth: 24, itemHeight: 8, itemGap: 28 },
      xAxis: {
        type: 'category',
        name: 'epoch',
        nameLocation: 'middle',
        nameGap: 26,
        data: Array.from({ length: epochs }, (_, index) => String(index + 1)),
      },
      yAxis: { type: 'value', scale: true, splitLine: { lineStyle: { color: COLOURS.faint } } },
      series: shown.map(({ name, values, colour, isHeldOut }) => ({
        type: 'line',
        name,
        data: [...values],
        symbolSize: 6,
        lineStyle: { color: COLOURS[colour], width: 2, type: isHeldOut ? 'dashed' : 'solid' },
        itemStyle: { color: COLOURS[colour] },
      })),
    },
    { width: 480, height: 300 },
  );
}
