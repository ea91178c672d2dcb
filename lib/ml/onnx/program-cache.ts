import { loadRuntime, type Program, startProgram } from './runtime.ts';

/** Programs kept ready: those of one fit and the fits before it. */
const KEPT = 6;

/** Programs by what they were compiled from; starting one takes some 25 ms, which a search would pay for every cell. */
export interface ProgramCache {
  get<Compiled extends { readonly bytes: Uint8Array }>(
    recipe: Recipe<Compiled>,
  ): Promise<{ readonly program: Program; readonly compiled: Compiled }>;
}

export interface Recipe<Compiled> {
  /** Everything the program follows from, as text. */
  readonly key: string;
  readonly compile: () => Compiled;
  /** The file its external values are in. */
  readonly file: string | undefined;
}

interface Ready {
  readonly program: Program;
  readonly compiled: { readonly bytes: Uint8Array };
}

export async function createProgramCache(): Promise<ProgramCache> {
  const runtime = await loadRuntime();
  const ready = new Map<string, Promise<Ready>>();

  const start = async ({ compile, file }: Recipe<Ready['compiled']>): Promise<Ready> => {
    const compiled = compile();
    return { compiled, program: await startProgram(runtime, compiled.bytes, file) };
  };
  const forget = async (key: string): Promise<void> => {
    const old = ready.get(key);
    ready.delete(key);
    await (await old)?.program.release();
  };

  return {
    get: async <Compiled extends Ready['compiled']>(recipe: Recipe<Compiled>) => {
      const key = `${recipe.key} ${recipe.file ?? ''}`;
      const found = ready.get(key) ?? start(recipe);
      // What was asked for last stands last; a program that did not start is not kept.
      ready.delete(key);
      ready.set(key, found);
      found.catch(() => ready.delete(key));
      const [oldest] = ready.keys();
      if (ready.size > KEPT && oldest !== undefined) await forget(oldest);
      return (await found) as { readonly program: Program; readonly compiled: Compiled };
    },
  };
}
