import type { Reporter, RunnerEvent } from '../../domain/event.ts';
import { createEtaTracker, type EtaTracker, progressLine } from './progress-line.ts';
import { failureLines, retryLine, stageLine } from './stage-line.ts';
import { summaryText } from './summary-text.ts';

/** A log that grows by a line every few seconds can still be read. */
const QUIET_MS = 5000;

/** Lines that only ever are added: for pipes, files and CI. */
export function createPlainReporter(write: (text: string) => void): Reporter {
  let width = 0;
  const running = new Map<string, { readonly eta: EtaTracker; spokeAtMs: number }>();
  const line = (text: string): void => write(`${text}\n`);
  const onProgress = (event: Extract<RunnerEvent, { readonly type: 'stage-progress' }>): void => {
    const stage = running.get(event.stage);
    if (stage === undefined) return;
    const etaMs = stage.eta.update(event.progress, event.atMs);
    if (event.atMs - stage.spokeAtMs < QUIET_MS) return;
    stage.spokeAtMs = event.atMs;
    line(`${event.stage.padEnd(width)}    ${progressLine(event.progress, etaMs)}`);
  };
  return (event) => {
    switch (event.type) {
      case 'run-started':
        width = Math.max(...event.stages.map((name) => name.length));
        return line(runTitle(event));
      case 'stage-started':
        running.set(event.stage, { eta: createEtaTracker(), spokeAtMs: event.atMs });
        return;
      case 'stage-progress':
        return onProgress(event);
      case 'stage-log':
        return logLines(event).forEach((text) => {
          line(`${event.stage.padEnd(width)}    ${text}`);
        });
      case 'run-warning':
        return line(`warning: ${event.text}`);
      case 'stage-retried':
        return line(`${event.stage.padEnd(width)}    ${retryLine(event)}`);
      case 'stage-ended':
        running.delete(event.stage);
        line(stageLine(event, width));
        return failureLines(event).forEach(line);
      case 'run-ended':
        return write(summaryText(event));
      default:
        return;
    }
  };
}

export function runTitle(event: Extract<RunnerEvent, { readonly type: 'run-started' }>): string {
  const { run, pipeline, profile, parent } = event;
  const more = [
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    ...(parent === undefined ? [] : [`follows run ${parent}, with its feedback`]),
  ];
  return `${parent === undefined ? '' : '\n'}Run ${run} of ${pipeline}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

export function logLines({ level, text }: Extract<RunnerEvent, { readonly type: 'stage-log' }>): string[] {
  return text.split('\n').map((part, at) => `${level === 'warning' && at === 0 ? 'warning: ' : ''}${part}`);
}
