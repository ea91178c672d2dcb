import { type Answer, giveLabel, type Prediction } from './api.ts';
import { create, element } from './element.ts';

export interface Truth {
  /** Another model's classes. */
  classes(names: readonly string[]): void;
  /** Whether there is something to say the truth about. */
  enable(isDrawn: boolean): void;
  /** Nothing has been said about what is drawn. */
  reset(): void;
  /** Whether the truth about what is drawn is kept. */
  isKept(): boolean;
}

/** What became of a label, in words; `seven` is the class. */
const KEPT: Readonly<Record<string, (seven: string) => string>> = {
  recorded: (seven) => `Kept: it is ${seven}. Thank you.`,
  changed: (seven) => `Kept: it is ${seven} after all.`,
  repeated: (seven) => `Kept already: it is ${seven}.`,
  unknown: (seven) => `Kept: it is ${seven}. The prediction is not on record yet; the label waits for it.`,
  forgotten: () => 'This prediction was forgotten, so nothing is kept about it.',
};

/** The buttons that say what it really was: the answer goes on record, and what the server says of that is shown. */
export function createTruth(settled: () => Promise<Answer<Prediction>>): Truth {
  const group = element('fieldset', 'truth');
  const buttons = element('div', 'labels');
  const kept = element('p', 'kept');
  const access = element('form', 'access');
  const token = element('input', 'token');
  let waiting: string | undefined;
  let said: string | undefined;
  /** Which drawing the answers on their way are about. */
  let turn = 0;

  const mark = (label: string | undefined): void => {
    said = label;
    for (const button of buttons.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.textContent === label));
    }
  };
  const tell = (text: string, kind: 'good' | 'bad' | 'busy'): void => {
    kept.textContent = text;
    kept.className = kind;
  };

  const say = async (label: string): Promise<void> => {
    const about = turn;
    tell('Sending …', 'busy');
    const prediction = await settled();
    const answer = prediction.ok ? await giveLabel(prediction.value.id, label, token.value.trim()) : prediction;
    if (about !== turn) return;
    if (answer.ok) {
      access.hidden = true;
      waiting = undefined;
      mark(label);
      return tell((KEPT[answer.value] ?? (() => 'Kept.'))(label), 'good');
    }
    if (answer.status !== 401) return tell(`Not kept. ${answer.error}`, 'bad');
    tell(access.hidden ? 'Not kept yet: this server wants its token.' : `Not kept. ${answer.error}`, 'bad');
    waiting = label;
    access.hidden = false;
    token.focus();
  };

  access.addEventListener('submit', (event) => {
    event.preventDefault();
    if (waiting !== undefined) void say(waiting);
  });

  return {
    classes: (names) => {
      buttons.replaceChildren(
        ...names.map((name) => {
          const button = create('button', { text: name });
          button.type = 'button';
          button.setAttribute('aria-pressed', 'false');
          button.addEventListener('click', () => void say(name));
          return button;
        }),
      );
    },
    enable: (isDrawn) => {
      group.disabled = !isDrawn;
    },
    reset: () => {
      turn += 1;
      waiting = undefined;
      access.hidden = true;
      mark(undefined);
      tell('', 'busy');
    },
    isKept: () => said !== undefined,
  };
}
