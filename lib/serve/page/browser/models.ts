import { type PageModel, readModels } from './api.ts';
import { create, element } from './element.ts';

export interface Models {
  /** The one that is asked; undefined where none answers. */
  readonly chosen: PageModel | undefined;
  /** Looks again: another version may answer now. */
  refresh(): Promise<void>;
}

/** Milliseconds until it is looked again where no model answers. */
const AGAIN_MS = 2000;

/** Whether its rows are images that can be drawn here. */
export const isDrawable = ({ shape }: PageModel): boolean => /^28,28(,1)?$/.test(shape.join());

/** Which models there are, and which of them is asked: the first that can be drawn for, unless somebody chooses another. */
export function createModels(onChange: (model: PageModel | undefined, problem: string) => void): Models {
  const choice = element('select', 'choice');
  let models: readonly PageModel[] = [];
  let chosen: PageModel | undefined;
  let wanted: string | undefined;

  const choose = (problem = ''): void => {
    const before = JSON.stringify(chosen);
    chosen = models.find(({ name }) => name === wanted) ?? models.find(isDrawable) ?? models[0];
    choice.replaceChildren(...models.map(({ name }) => create('option', { text: name })));
    choice.hidden = models.length < 2;
    choice.value = chosen?.name ?? '';
    if (chosen === undefined || JSON.stringify(chosen) !== before) onChange(chosen, problem);
  };
  choice.addEventListener('change', () => {
    wanted = choice.value;
    choose();
  });

  const refresh = async (): Promise<void> => {
    const read = await readModels();
    models = read.ok ? read.value : [];
    choose(read.ok ? '' : read.error);
    if (chosen === undefined) setTimeout(() => void refresh(), AGAIN_MS);
  };
  return {
    get chosen() {
      return chosen;
    },
    refresh,
  };
}
