import { type Answer, type Prediction, predict, preview } from './api.ts';

export interface Asking {
  /** The image is another one now; it is asked about as soon as the answer before has come. */
  changed(image: Uint8Array): void;
  /** Nothing more will be drawn for a moment: the image is asked about for the record. */
  rest(): void;
  /** The recorded answer to the image as it is. */
  settled(): Promise<Answer<Prediction>>;
}

export interface AskingOptions {
  readonly model: () => string;
  readonly onPreview: (probabilities: readonly number[]) => void;
  readonly onPrediction: (prediction: Prediction) => void;
  readonly onProblem: (problem: string) => void;
}

/** How long the pen has to be lifted before a drawing counts as done, in milliseconds: a 4 has two strokes. */
const REST_MS = 700;

/** Asks the server while somebody draws, one question at a time, and for the record when the pen rests. */
export function createAsking({ model, onPreview, onPrediction, onProblem }: AskingOptions): Asking {
  let image: Uint8Array = new Uint8Array();
  let isAsking = false;
  let isStale = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let recorded: Promise<Answer<Prediction>> | undefined;

  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    while (isStale) {
      isStale = false;
      const asked = image;
      const answer = asked.length === 0 ? undefined : await preview(model(), asked);
      // A busy server sheds questions like this one; the next is soon asked.
      if (answer?.ok && image.length > 0 && recorded === undefined) onPreview(answer.value);
      else if (answer?.ok === false && answer.status !== 503) onProblem(answer.error);
    }
    isAsking = false;
  };

  const settled = (): Promise<Answer<Prediction>> => {
    clearTimeout(timer);
    if (recorded !== undefined) return recorded;
    const asked = image;
    const answer = predict(model(), asked).then((one) => {
      if (image !== asked) return one;
      if (one.ok) onPrediction(one.value);
      else {
        recorded = undefined;
        onProblem(one.error);
      }
      return one;
    });
    recorded = answer;
    return answer;
  };

  return {
    changed: (next) => {
      clearTimeout(timer);
      image = next;
      recorded = undefined;
      isStale = true;
      void ask();
    },
    rest: () => {
      clearTimeout(timer);
      if (image.length > 0 && recorded === undefined) timer = setTimeout(() => void settled(), REST_MS);
    },
    settled,
  };
}
