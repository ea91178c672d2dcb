import type { CalibrationBand } from '../../domain/evaluation.ts';
import { COLOURS, renderChart } from './render.ts';

/** How often answers were right by how sure they were; on the broken line both are the same. */
export function calibrationChart(bands: readonly CalibrationBand[]): string {
  const all = bands.reduce((sum, { rows }) => sum + rows, 0);
  const points = bands
    .filter(({ rows }) => rows > 0)
    .map(({ confidence, accuracy, rows }) => ({
      value: [confidence, accuracy],
      // Area says how many answers a band holds: one of three answers means little.
      symbolSize: Math.max(4, 26 * Math.sqrt(rows / all)),
    }));
  const axis = {
    type: 'value',
    min: 0,
    max: 1,
    nameLocation: 'middle',
    nameGap: 30,
    splitLine: { lineStyle: { color: COLOURS.faint } },
  };
  return renderChart(
    {
      grid: { left: 52, top: 20, right: 24, bottom: 48 },
      xAxis: { ...axis, name: 'probability of the answer' },
      yAxis: { ...axis, name: 'share that is right', nameGap: 34 },
      series: [
        {
          type: 'line',
          data: [
            [0, 0],
            [1, 1],
          ],
          symbol: 'none',
          lineStyle: { color: '#8a9199', type: 'dashed', width: 1 },
        },
        {
          type: 'line',
          data: points,
          symbol: 'circle',
          lineStyle: { color: COLOURS.optimised, width: 1 },
          itemStyle: { color: COLOURS.optimised, opacity: 0.75 },
        },
      ],
    },
    { width: 380, height: 320 },
  );
}
