import type { DriftTest, DriftWindow } from '../../domain/drift.ts';

const TESTS: Readonly<Record<DriftTest['test'], string>> = { ks: 'KS', chi_squared: 'chi-squared', psi: 'PSI' };

/** Alarms that are named; of more only the number is told. */
const NAMED = 3;

/** What a test is called to people. */
const testName = ({ group, name, test }: Pick<DriftTest, 'group' | 'name' | 'test'>): string =>
  `${group === 'outputs' || group === 'inputs' ? name : `${group === 'labels' ? 'label' : 'predicted class'}`} ${TESTS[test]}`;

/** Smaller ones are all the same to a reader. */
const SMALL_P = 1e-6;

const pText = (value: number): string => (value < SMALL_P ? 'p < 1e-6' : `p ${Number(value.toPrecision(2))}`);

const shown = (test: DriftTest): string => `${testName(test)} ${test.value.toFixed(3)} (${pText(test.pValue)})`;

/** A window's verdict with its numbers, for people. Replayed rows are never passed off as real ones. */
function driftText({ rows, simulated, verdict, tests, level, note }: DriftWindow): string {
  const kind = simulated ? 'SIMULATED rows' : 'rows';
  const alarms = tests.filter((test) => test.verdict === 'drift');
  const sorted = [...(alarms.length > 0 ? alarms : tests)].sort((a, b) => a.pValue - b.pValue || b.value - a.value);
  const also = note === '' ? '' : `; ${note}`;
  switch (verdict) {
    case 'drift': {
      const more = alarms.length > NAMED ? ` and ${alarms.length - NAMED} more` : '';
      const named = sorted.slice(0, NAMED).map(shown).join(', ');
      return `drift in ${rows} ${kind}, ${alarms.length} of ${tests.length} tests alarm: ${named}${more}${also}`;
    }
    case 'no_drift': {
      const [nearest] = sorted;
      const least = nearest === undefined ? '' : `, the nearest to it ${shown(nearest)}`;
      return `no drift in ${rows} ${kind}: ${tests.length} tests at level ${level}${least}${also}`;
    }
    case 'not_enough_data':
      return `not enough data: ${note}${simulated ? ', SIMULATED' : ''}`;
    case 'no_reference':
      return `no reference: ${note}, so ${rows} ${kind} cannot be compared with anything; a deployment makes one`;
  }
}

/** Windows that are told one by one; of earlier ones only the number. */
const TOLD = 4;

export interface DriftLine {
  readonly text: string;
  readonly level: 'info' | 'warning';
}

/** Windows for people, in the order they came, the simulated ones after the others and never counted with them. */
export const driftLines = (windows: readonly DriftWindow[]): DriftLine[] =>
  [false, true].flatMap((simulated) => linesOf(windows.filter((window) => window.simulated === simulated)));

function linesOf(windows: readonly DriftWindow[]): DriftLine[] {
  const [earlier, last] = [windows.slice(0, -TOLD), windows.slice(-TOLD)];
  const drifted = earlier.filter(({ verdict }) => verdict === 'drift').length;
  const level = (isDrift: boolean): DriftLine['level'] => (isDrift ? 'warning' : 'info');
  const kind = last[0]?.simulated === true ? 'SIMULATED windows' : 'windows';
  const head: DriftLine[] =
    earlier.length === 0
      ? []
      : [{ text: `${drifted} of ${earlier.length} earlier ${kind} drift`, level: level(drifted > 0) }];
  return [...head, ...last.map((window) => ({ text: driftText(window), level: level(window.verdict === 'drift') }))];
}
