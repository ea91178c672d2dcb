import { COLOURS, renderChart } from './render.ts';

export interface ConfusionChart {
  readonly classes: readonly string[];
  /** Row by row: actual class, then predicted class. */
  readonly counts: readonly number[];
}

/** The confusion matrix: colour says how many of its row a cell holds, its mistakes darker than they are many. */
export function confusionChart({ classes, counts }: ConfusionChart): string {
  const size = classes.length;
  const totals = classes.map((_, actual) => sum(counts.slice(actual * size, (actual + 1) * size)));
  const cells = counts.map((count, at) => {
    const [actual, predicted] = [Math.floor(at / size), at % size];
    const share = count / Math.max(1, totals[actual] ?? 1);
    return cell({ actual, predicted, count, share });
  });
  const room = roomOf(classes);
  return renderChart(
    {
      grid: { left: 64 + room, top: 44 + room, right: 8, bottom: 8 },
      xAxis: axis(classes, { name: 'predicted', position: 'top', room, rotate: room === 0 ? 0 : 90 }),
      yAxis: { ...axis(classes, { name: 'actual', room }), inverse: true, nameRotate: 90 },
      series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: '#fff', borderWidth: 2, borderRadius: 4 } }],
      visualMap: { show: false, min: 0, max: 1, dimension: 3 },
    },
    { width: 72 + room + SIDE * size, height: 52 + room + SIDE * size },
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Height and width of a cell, and about what a letter takes. */
const [SIDE, LETTER] = [46, 7];

/** Letters a name is cut to. */
const LONGEST = 22;

/** What names need beyond what a cell has; 0 where they fit. */
function roomOf(classes: readonly string[]): number {
  const longest = Math.max(0, ...classes.map((name) => name.length));
  const needed = Math.min(LONGEST, longest) * LETTER;
  return needed <= SIDE - LETTER ? 0 : needed - 2 * LETTER;
}

interface Axis {
  readonly name: string;
  readonly room: number;
  /** Where it stands, and how its labels are turned, where that is not as usual. */
  readonly position?: 'top';
  readonly rotate?: number;
}

const axis = (data: readonly string[], { name, room, position, rotate = 0 }: Axis): object => ({
  type: 'category',
  data: [...data],
  name,
  nameLocation: 'middle',
  nameGap: 26 + room,
  ...(position === undefined ? {} : { position }),
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
  // Unasked, the library leaves out names that are near each other, and a column could be anything.
  axisLabel: { interval: 0, width: LONGEST * LETTER, overflow: 'truncate', rotate },
});

interface Cell {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  readonly share: number;
}

function cell({ actual, predicted, count, share }: Cell): object {
  const isRight = actual === predicted;
  // The root lifts the few mistakes out of the paper's white.
  const strength = isRight ? share : Math.sqrt(share);
  const isDark = strength > 0.5;
  return {
    value: [predicted, actual, count, share],
    label: { show: count > 0, formatter: String(count), color: isDark ? '#fff' : COLOURS.ink, fontSize: 12 },
    itemStyle: { color: count === 0 ? '#f4f6f7' : blend(isRight ? COLOURS.optimised : COLOURS.mark, strength) },
  };
}

/** A colour thinned with white: 0 is nearly white, 1 the colour itself. */
function blend(colour: string, strength: number): string {
  const part = (at: number): number => {
    const full = Number.parseInt(colour.slice(at, at + 2), 16);
    return Math.round(255 - (255 - full) * (0.12 + 0.88 * Math.min(1, strength)));
  };
  return `rgb(${part(1)}, ${part(3)}, ${part(5)})`;
}
