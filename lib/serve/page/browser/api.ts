/** A model as the page needs it. */
export interface PageModel {
  readonly name: string;
  readonly version: number;
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** Whether it learned from generated data. */
  readonly generated: boolean;
}

/** What a request came to: its value, or what the server said instead. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly error: string };

export interface Prediction {
  readonly id: string;
  readonly version: number;
  readonly probabilities: readonly number[];
}

async function ask<Value>(path: string, init: RequestInit, read: (json: never) => Value): Promise<Answer<Value>> {
  try {
    const response = await fetch(path, init);
    const json = (await response.json()) as { readonly error?: string };
    if (!response.ok) return { ok: false, status: response.status, error: json.error ?? `status ${response.status}` };
    return { ok: true, value: read(json as never) };
  } catch {
    return { ok: false, status: 0, error: 'The server does not answer.' };
  }
}

/** The models that answer, and what they take. */
export const readModels = (): Promise<Answer<readonly PageModel[]>> =>
  ask('page/models', { cache: 'no-store' }, (json: { readonly models: readonly PageModel[] }) => json.models);

const raw = (image: Uint8Array): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' },
  body: image as Uint8Array<ArrayBuffer>,
});

/** Asks while somebody still draws: what is half drawn is nobody's prediction, and is not put on record. */
export const preview = (model: string, image: Uint8Array): Promise<Answer<readonly number[]>> =>
  ask(
    `page/preview/${encodeURIComponent(model)}`,
    raw(image),
    (json: { readonly probabilities: readonly number[] }) => json.probabilities,
  );

interface InferAnswer {
  readonly model_version: string;
  readonly parameters: { readonly prediction_id: string };
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

/** Asks as every client does; the answer is on record under its id. */
export const predict = (model: string, image: Uint8Array): Promise<Answer<Prediction>> =>
  ask(`v2/models/${encodeURIComponent(model)}/infer`, raw(image), (json: InferAnswer) => ({
    id: json.parameters.prediction_id,
    version: Number(json.model_version),
    probabilities: json.outputs.find(({ name }) => name === 'probabilities')?.data ?? [],
  }));

interface Feedback {
  readonly labels: readonly { readonly outcome: string }[];
}

/** Says what a prediction really was. */
export const giveLabel = (id: string, label: string, token: string): Promise<Answer<string>> =>
  ask(
    'feedback',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ id, label }),
    },
    (json: Feedback) => json.labels[0]?.outcome ?? '',
  );
