import type { ExitCode } from '../domain/exit-code.ts';
import type { RunSummary } from '../domain/summary.ts';
import type { RunLog } from '../runlog/open.ts';
import type { StateFolder } from '../runner/state.ts';
export const summarise = ({
  run,
}: {
  log: RunLog;
  run: number;
  exitCode: ExitCode;
  state: StateFolder;
}): RunSummary => ({
  run,
  parent: null,
  dataset: null,
  engine: null,
  models: [],
  gates: [],
  deployed: null,
  notes: [],
  decision: null,
  next: [],
  artifactsBytes: null,
});
