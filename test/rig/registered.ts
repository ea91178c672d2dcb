import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../../lib/cache/content.ts';
import { openStore } from '../../lib/cache/store.ts';
import { applyEffects } from '../../lib/registry/effects.ts';
import type { Registry } from '../../lib/registry/mend.ts';
import { logWithAttempt } from '../runlog/log.ts';

/** A registry in a folder, and what a run and a person do with it. */
export interface RegistryRig extends Registry {
  readonly attempt: number;
  /** Deploys a model of one file into a line; the same text is the same model. */
  deploy(line: string, text: string, override?: string): Promise<void>;
  rows<Row>(sql: string): Row[];
}

export function registryRig(state: string): RegistryRig {
  const { log, run, attempt } = logWithAttempt(join(state, 'runs.db'));
  const store = openStore(join(state, 'artifacts', 'objects'));
  return {
    log,
    state,
    store,
    attempt,
    deploy: async (line, text, override) => {
      const folder = join(state, 'made', text);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'weights.bin'), text);
      const { hash } = await contentOf(folder);
      const effect = { kind: 'deploy', line, dep: 'model', metrics: { accuracy: 0.9 }, reason: 'passed' } as const;
      const effects = [override === undefined ? effect : { ...effect, override }];
      const target = { log, state, run, attempt, at: 7, deps: { model: { hash, folder } } };
      log.atomically(() => applyEffects(target, effects))();
    },
    rows: <Row>(sql: string) => log.prepare(sql).all() as Row[],
  };
}
