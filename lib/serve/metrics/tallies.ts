import type { Metric, MetricObject, Registry } from 'prom-client';

/** One series of a histogram. */
export interface Tally {
  observe(value: number): void;
}

export interface TalliesOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  /** Upper bounds, the smallest first. */
  readonly buckets: readonly number[];
}

type Labels = Readonly<Record<string, string | number>>;

interface Series extends Tally {
  values(): readonly Value[];
}

interface Value {
  readonly metricName: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * A histogram whose series are counted in plain numbers, and made text of when somebody looks: prom-client's own turns the labels into a
 * key for every number it is told, and a request tells several. The same labels are one series, so each is made once and kept.
 */
export function createTallies({ registry, name, help, buckets }: TalliesOptions): (labels: Labels) => Tally {
  const all: Series[] = [];
  const metric = {
    name,
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: all.flatMap((one) => one.values()) }),
  };
  // Of a metric the registry uses its name and what it has to show.
  registry.registerMetric(metric as unknown as Metric & MetricObject);
  return (labels) => {
    const series = createSeries({ name, labels, buckets });
    all.push(series);
    return series;
  };
}

function createSeries({
  name,
  labels,
  buckets,
}: Pick<TalliesOptions, 'name' | 'buckets'> & { readonly labels: Labels }): Series {
  const bounds = Float64Array.from(buckets);
  /** By bucket, those beyond the last one behind it, and the sum of all values at the end. */
  const counts = new Float64Array(buckets.length + 2);
  const sumAt = buckets.length + 1;
  return {
    observe: (value) => {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] as number)) at += 1;
      counts[at] = (counts[at] as number) + 1;
      counts[sumAt] = (counts[sumAt] as number) + value;
    },
    values: () => {
      let count = 0;
      const upTo = [...buckets, '+Inf'].map((le, at): Value => {
        count += counts[at] as number;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
      });
      return [
        ...upTo,
        { metricName: `${name}_sum`, labels, value: counts[sumAt] as number },
        { metricName: `${name}_count`, labels, value: count },
      ];
    },
  };
}
