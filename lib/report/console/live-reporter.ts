import { styleText } from 'node:util';
import type { Reporter } from '../../domain/event.ts';
import type { Progress } from '../../domain/stage.ts';
import { formatDuration } from '../../util/duration.ts';
import { logLines, runTitle } from './plain-reporter.ts';
import { createEtaTracker, type EtaTracker, progressLine } from './progress-line.ts';
import { failureLines, retryLine, type StageEnded, stageLine } from './stage-line.ts';
import { summaryText } from './summary-text.ts';

/** A part of the terminal that is drawn again and again. */
export interface LiveArea {
  /** Replaces what the area shows. */
  update(text: string): void;
  /** Writes lines above the area for good. */
  persist(text: string): void;
  /** Leaves what is shown and ends. */
  done(): void;
}

interface Running {
  readonly stage: string;
  readonly sinceMs: number;
  why: string;
  eta: EtaTracker;
  progress: Progress | undefined;
  etaMs: number | undefined;
}

const BAR = 20;

/** Redrawing more often than this is work nobody sees. */
const REDRAW_MS = 80;

/** Finished stages as lines, the running one redrawn with what is going on in it, and what is still to come. */
export function createLiveReporter(area: LiveArea, room = Number.POSITIVE_INFINITY): Reporter {
  let names: readonly string[] = [];
  let width = 0;
  let waiting: readonly string[] = [];
  const running = new Map<string, Running>();
  const verdicts = new Map<string, string>();
  let drawnAtMs = 0;
  const draw = (atMs: number): void => {
    drawnAtMs = atMs;
    const shown = [...running.values()].flatMap((one) => runningLines(one, width, atMs));
    area.update([...shown, ...waiting.map((name) => styleText('dim', name))].join('\n'));
  };
  return (event) => {
    switch (event.type) {
      case 'run-started':
        names = event.stages;
        width = Math.max(...names.map((name) => name.length));
        waiting = names;
        area.persist(styleText('bold', runTitle(event)));
        break;
      case 'stage-decided':
        verdicts.set(event.stage, event.why);
        break;
      case 'stage-started':
        waiting = waiting.filter((name) => name !== event.stage);
        running.set(event.stage, {
          stage: event.stage,
          sinceMs: event.atMs,
          why: verdicts.get(event.stage) ?? '',
          eta: createEtaTracker(),
          progress: undefined,
          etaMs: undefined,
        });
        break;
      case 'stage-progress': {
        const stage = running.get(event.stage);
        if (stage === undefined) break;
        stage.etaMs = stage.eta.update(event.progress, event.atMs);
        stage.progress = event.progress;
        if (event.atMs - drawnAtMs < REDRAW_MS) return;
        break;
      }
      case 'run-warning':
        area.persist(styleText('yellow', `warning: ${event.text}`));
        break;
      case 'stage-retried': {
        const stage = running.get(event.stage);
        if (stage !== undefined) stage.progress = undefined;
        area.persist(styleText('yellow', `  ${event.stage}  ${retryLine(event)}`));
        break;
      }
      case 'stage-log':
        area.persist(
          logLines(event)
            .map((text) => styleText(event.level === 'warning' ? 'yellow' : 'dim', `  ${text}`))
            .join('\n'),
        );
        break;
      case 'stage-ended':
        waiting = waiting.filter((name) => name !== event.stage);
        running.delete(event.stage);
        area.persist([endLine(event, width), ...failureLines(event)].join('\n'));
        break;
      case 'run-ended':
        area.persist(summaryText(event, room));
        return area.done();
      default:
        break;
    }
    return draw(event.atMs);
  };
}

const COLOURS: Readonly<Partial<Record<StageEnded['status'], 'green' | 'dim' | 'yellow'>>> = {
  succeeded: 'green',
  fresh: 'dim',
  cached: 'dim',
  skipped: 'dim',
  blocked: 'yellow',
  refused: 'yellow',
};

const endLine = (event: StageEnded, width: number): string =>
  styleText(COLOURS[event.status] ?? 'red', stageLine(event, width));

function runningLines({ stage, sinceMs, why, progress, etaMs }: Running, width: number, atMs: number): string[] {
  const head = `${stage.padEnd(width)}  ${'running'.padEnd(9)}  ${formatDuration(atMs - sinceMs).padStart(12)}  ${why}`;
  if (progress === undefined) return [styleText('cyan', head)];
  const share = progress.total === undefined ? undefined : Math.min(1, progress.current / progress.total);
  const bar =
    share === undefined ? '' : `${'━'.repeat(Math.round(share * BAR))}${'─'.repeat(BAR - Math.round(share * BAR))}  `;
  return [styleText('cyan', head), `${' '.repeat(width)}  ${bar}${progressLine(progress, etaMs)}`];
}
