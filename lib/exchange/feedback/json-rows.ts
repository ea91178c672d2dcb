import { type Static, Type } from 'typebox';
import { schemaFault } from '../../util/schema-fault.ts';
import { type BadRow, type CarriedPrediction, type FeedbackRow, problemOf, type RowReader, readTime } from './row.ts';

const Carried = Type.Object({
  line: Type.String(),
  model: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  predicted: Type.String(),
  probabilities: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { minItems: 1 }),
  predicted_at: Type.String(),
  asked_by: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
  input: Type.Union([Type.Null(), Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' })]),
});

/** A reader of JSON lines: an object a line, with the names of the CSV columns, and the answer itself where it comes along. */
export function jsonReader(now: number): RowReader {
  return {
    read: (line, number, hand) => {
      if (line.trim() !== '') hand(readRow(line, number, now));
    },
    end: () => undefined,
  };
}

function readRow(text: string, number: number, now: number): FeedbackRow | BadRow {
  const bad = (problem: string): BadRow => ({ number, problem, text });
  const json = parse(text);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return bad('it is no JSON object');
  const { prediction_id, id = prediction_id, label, source, labelled_at, prediction } = json as Record<string, unknown>;
  if (typeof id !== 'string') return bad('it has no prediction_id');
  if (!['string', 'number', 'undefined'].includes(typeof label) && label !== null) return bad('its label is no text');
  if (typeof source !== 'string' && source !== undefined && source !== null) return bad('its source is no text');
  const at = labelled_at === undefined || labelled_at === null ? undefined : readTime(String(labelled_at), now);
  if (typeof at === 'string') return bad(at);
  const texts = { id: id.trim(), label: String(label ?? '').trim(), source: source ?? undefined };
  const problem = problemOf(texts);
  if (problem !== undefined) return bad(problem);
  const carried = prediction === undefined || prediction === null ? undefined : readCarried(prediction, now);
  if (typeof carried === 'string') return bad(carried);
  // Spelled out: to spread it costs more than all the rest of the row.
  return { number, id: texts.id, label: texts.label, source: texts.source, at, prediction: carried, text };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCarried(json: unknown, now: number): CarriedPrediction | string {
  const fault = schemaFault(Carried, json);
  if (fault !== undefined) return `the prediction in it is not valid: ${fault}`;
  const { line, model, predicted, probabilities, predicted_at, asked_by, input } = json as Static<typeof Carried>;
  const at = readTime(predicted_at, now);
  if (typeof at === 'string') return at;
  const bytes = input === null ? null : new Uint8Array(Buffer.from(input, 'base64'));
  return { line, model, predicted, probabilities, source: asked_by, at, input: bytes };
}
