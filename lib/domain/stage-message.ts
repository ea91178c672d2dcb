import { FAILURES } from './failure.ts';
import type { StageMessage } from './stage.ts';

const TYPES: Readonly<Record<StageMessage['type'], readonly string[]>> = {
  ready: [],
  log: ['text', 'level'],
  progress: ['progress'],
  record: ['record'],
  ask: ['id', 'name'],
  recall: ['id', 'task', 'deps', 'inputs'],
  remember: ['task', 'deps', 'input', 'value'],
  effect: ['effect'],
  fetched: ['dep'],
  next: ['reason'],
  done: ['usage'],
  failed: ['failure', 'usage'],
};

/** Whether something that came over the channel is a message of a stage: its own code may send anything. */
export function isStageMessage(value: unknown): value is StageMessage {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const fields = TYPES[value.type as StageMessage['type']];
  if (fields === undefined || !fields.every((field) => field in value)) return false;
  return value.type !== 'failed' || ('failure' in value && hasKnownCode(value.failure));
}

const hasKnownCode = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'code' in value && String(value.code) in FAILURES;
