import { COLOURS, renderChart } from './render.ts';

/** One candidate of a search as it is drawn. */
export interface SearchPoint {
  readonly name: string;
  readonly mean: number | null;
  readonly std: number | null;
  /** Score on every fold; null where there is none. */
  readonly folds: readonly (number | null)[];
  /** Why there is no mean: 'failed' or 'pruned'. */
  readonly status: string;
  readonly isWinner: boolean;
}

const ROW = 44;

/** Candidates from top to bottom as the grid has them: mean, one deviation to both sides, and a dot a fold. */
export function searchChart(points: readonly SearchPoint[]): string {
  const names = points.map(({ name, mean, status }) => (mean === null ? `${name} (${status})` : name));
  const margin = Math.min(320, 24 + 7 * Math.max(...names.map((name) => name.length)));
  const lines = points.flatMap(({ mean, std, isWinner }, row) =>
    mean === null ? [] : [spread({ row, mean, std: std ?? 0, colour: colourOf(isWinner) })],
  );
  const dots = points.flatMap(({ folds }, row) => folds.flatMap((score) => (score === null ? [] : [[score, row]])));
  const means = points.flatMap(({ mean, isWinner }, row) =>
    mean === null ? [] : [{ value: [mean, row], itemStyle: { color: colourOf(isWinner) }, label: meanLabel(mean) }],
  );
  return renderChart(
    {
      grid: { left: margin, top: 16, right: 64, bottom: 44 },
      xAxis: {
        type: 'value',
        scale: true,
        name: 'accuracy',
        nameLocation: 'middle',
        nameGap: 26,
        splitLine: { lineStyle: { color: COLOURS.faint } },
      },
      yAxis: { type: 'category', data: names, inverse: true, axisTick: { show: false } },
      series: [
        ...lines,
        { type: 'scatter', data: dots, symbolSize: 6, itemStyle: { color: COLOURS.ink, opacity: 0.35 }, silent: true },
        { type: 'scatter', data: means, symbolSize: 13, silent: true },
      ],
    },
    { width: 760, height: 60 + ROW * points.length },
  );
}

const colourOf = (isWinner: boolean): string => (isWinner ? COLOURS.mark : COLOURS.optimised);

const meanLabel = (mean: number): object => ({
  show: true,
  position: 'top',
  distance: 2,
  formatter: mean.toFixed(4),
  color: COLOURS.ink,
});

interface Spread {
  readonly row: number;
  readonly mean: number;
  readonly std: number;
  readonly colour: string;
}

const spread = ({ row, mean, std, colour }: Spread): object => ({
  type: 'line',
  data: [
    [mean - std, row],
    [mean + std, row],
  ],
  symbol: 'none',
  lineStyle: { color: colour, width: 3 },
  silent: true,
});
