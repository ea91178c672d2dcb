import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

/** In single quotes: charts put it into an attribute as it is. */
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** Two colours that stay apart for colour-blind readers (Okabe and Ito, 2008), and the greys around them. */
export const COLOURS = {
  baseline: '#9a6a00',
  optimised: '#0072b2',
  mark: '#d55e00',
  ink: '#2b3036',
  faint: '#d9dde1',
} as const;

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** A chart as SVG text: no script, no motion, and the same data give the same text. */
export function renderChart(option: EChartsCoreOption, size: ChartSize): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: COLOURS.ink },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The library numbers its style classes by process; nothing here is styled by them.
  return svg.replace(/<style[^>]*>[\s\S]*?<\/style>/g, '').replace(/ class="zr\d+-[^"]*"/g, '');
}
