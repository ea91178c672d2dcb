import type { ArtifactsSize, DatasetUsed, RunSummary, SummaryModel } from '../../domain/summary.ts';
import { alignColumns } from '../../util/align-columns.ts';
import { formatDuration } from '../../util/duration.ts';
import { wrapWords } from '../../util/fit-cells.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { shortGates } from './short-gates.ts';

export interface EndedRun {
  readonly run: number;
  readonly status: string;
  readonly exitCode: number;
  readonly durationMs: number;
  readonly summary: RunSummary;
}

/** What an engine's backend is called to people. */
const BACKENDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  onnx: { cpu: 'compiled training (onnxruntime-node)' },
  tfjs: { node: 'native (tfjs-node)', wasm: 'WebAssembly', cpu: 'plain JavaScript' },
};

/** Characters that a table of checks wants, at the least. */
const NARROW = 96;

/** Where every fact begins. */
const INDENT = 12;

/** A run's last words: what it used, what came of it, and what to type next. */
export function summaryText(
  { run, status, exitCode, durationMs, summary }: EndedRun,
  room = Number.POSITIVE_INFINITY,
): string {
  const { dataset, engine, models, deployed, notes, decision, round, next, artifacts } = summary;
  const lines: string[] = [''];
  if (dataset?.generated) {
    lines.push('GENERATED DATA: a program made these rows; nothing here says how the model does on real ones.', '');
  }
  const code = exitCode === 0 ? '' : ` (exit ${exitCode})`;
  lines.push(`Run ${run} ${status.replace('_', ' ')} in ${formatDuration(durationMs)}${code}`, '');
  const fact = (title: string, texts: readonly string[]): void => {
    const told = texts.flatMap((text) => wrapWords(text, room - INDENT));
    told.forEach((text, at) => {
      lines.push(`${(at === 0 ? title : '').padEnd(INDENT)}${text}`.trimEnd());
    });
  };
  if (dataset !== null) fact('dataset', datasetLines(dataset));
  if (engine !== null) {
    const name = `${engine.engine} ${engine.version}, ${BACKENDS[engine.engine]?.[engine.backend] ?? engine.backend}`;
    fact('engine', engine.why === '' ? [name] : [name, engine.why]);
  }
  if (models.length > 0) fact('models', modelLines(models, room - INDENT));
  fact('gates', outcomeLines(summary, room - INDENT));
  if (deployed !== null) {
    const { line, version, byThisRun } = deployed;
    fact('champion', [`${line} v${version}${byThisRun ? ', deployed by this run' : ', as before'}`]);
  }
  for (const { title, text } of notes) fact(title, text.split('\n'));
  if (decision !== null) {
    const rules = decision.rules.map(({ name, note, fired }) => `  ${name}: ${note}${fired ? '  fired' : ''}`);
    fact('decision', [`${decision.verdict}: ${decision.reason}`, ...rules]);
  }
  if (round.length > 0) fact('follow-up', round);
  fact('artifacts', [artifactsLine(artifacts)]);
  lines.push('');
  fact('next', next);
  return `${lines.join('\n')}\n`;
}

function artifactsLine({ all, added, freeable }: ArtifactsSize): string {
  const size = `${formatBytes(all)}${added === 0 ? '' : `, ${formatBytes(added)} of it new`}`;
  return freeable === 0 ? size : `${size}; npm run mlloop -- gc would free ${formatBytes(freeable)}`;
}

function datasetLines({ source, train, test, note }: DatasetUsed): string[] {
  const name = `${source}: ${train} training rows, ${test} test rows`;
  return note === '' ? [name] : [name, note];
}

function modelLines(models: readonly SummaryModel[], room: number): string[] {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '-' : value.toFixed(4);
  const rows = models.map(({ name, cv, test, params }) => [
    name,
    cv === null ? '-' : `${number(cv.mean)}${cv.std === null ? '' : ` ± ${number(cv.std)}`}`,
    number(test?.accuracy),
    number(test?.macroF1),
    params === null
      ? ''
      : Object.entries(params)
          .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
          .join(', '),
  ]);
  return alignColumns([['', 'cross-validated', 'test accuracy', 'macro F1', ''], ...rows], room);
}

function outcomeLines({ gates, outcome }: Pick<RunSummary, 'gates' | 'outcome'>, room: number): string[] {
  if (outcome === null) return [];
  const { verdict, reason } = outcome;
  const said = verdict === 'refused' ? 'the champion stays' : reason;
  const rows = shortGates(gates);
  const lines = room < NARROW ? oneBelowTheOther(rows, room - 2) : alignColumns(rows, room - 2);
  return [`${verdict}${said === '' ? '' : `: ${said}`}`, ...lines.map((line) => `  ${line}`)];
}

/** Where columns side by side would be broken all over, what was seen stands below its verdict. */
const oneBelowTheOther = (rows: readonly (readonly string[])[], room: number): string[] =>
  alignColumns(
    rows.flatMap(([gate = '', check = '', ...more]) => {
      const verdict = more.at(-1) ?? '';
      const seen = more.slice(0, -1).filter((cell) => cell !== '' && cell !== '-');
      return [[gate, `${check}: ${verdict}`], ...(seen.length === 0 ? [] : [['', `  ${seen.join(', ')}`]])];
    }),
    room,
  );
