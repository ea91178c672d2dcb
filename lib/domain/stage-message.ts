import { formatFailure, isFailure } from './failure.ts';
import { metricFault } from './metric.ts';
import type { StageMessage } from './stage.ts';

type Check = (value: unknown) => boolean;

const isAnything: Check = () => true;
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isProgress: Check = (value) =>
  isObject(value) &&
  'current' in value &&
  isNumber(value.current) &&
  (!('total' in value) || value.total === undefined || isNumber(value.total));

const isRecord: Check = (value) =>
  isObject(value) && 'kind' in value && (value.kind !== 'metric' || metricFault(value) === undefined);

const isFailureOfOurs: Check = (value) => {
  if (!isFailure(value)) return false;
  try {
    formatFailure(value);
    return true;
  } catch {
    // It has not the fields that its text is made of.
    return false;
  }
};

const FIELDS: Readonly<Record<StageMessage['type'], Readonly<Record<string, Check>>>> = {
  ready: {},
  log: { text: isText, level: isText },
  progress: { progress: isProgress },
  record: { record: isRecord },
  ask: { id: isNumber, name: isText },
  recall: { id: isNumber, task: isText, deps: Array.isArray, inputs: Array.isArray },
  remember: { task: isText, deps: Array.isArray, input: isAnything, value: isAnything },
  effect: { effect: isObject },
  fetched: { dep: isText },
  next: { reason: isText },
  done: { usage: isObject },
  failed: { failure: isFailureOfOurs, usage: isObject },
};

/** Whether something that came over the channel is a message of a stage: its own code may send anything. */
export function isStageMessage(value: unknown): value is StageMessage {
  if (!isObject(value) || !('type' in value) || !Object.hasOwn(FIELDS, String(value.type))) return false;
  const message = value as Readonly<Record<string, unknown>> & Pick<StageMessage, 'type'>;
  return Object.entries(FIELDS[message.type]).every(([name, check]) => name in message && check(message[name]));
}
