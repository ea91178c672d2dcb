// A registry of a hundred versions: what it takes to see them, to go back one, and to go forth again.
// Usage: npm run bench -- registry [VERSIONS]
import { importLib, machine, table } from './measure.mjs';
import { bareNode, inTurns, mlloop, ms, withFolder } from './timing.mjs';

const ROUNDS = 15;

export async function bench([count]) {
  const versions = Number(count ?? 100);
  const { module } = await importLib('fill-registry.ts');
  await withFolder({}, async (folder) => {
    await module.fillRegistry(folder, versions);
    const verbs = {
      rollback: ['rollback'],
      promote: ['promote', `v${versions}`],
      models: ['models'],
      'models V': ['models', `v${versions}`],
      history: ['history'],
    };
    const contenders = Object.fromEntries(
      Object.entries(verbs).map(([name, args]) => [name, () => mlloop(args, folder).ms]),
    );
    const took = inTurns({ 'node -e 0': bareNode(folder), ...contenders }, ROUNDS);
    console.log(`${versions} versions, medians of ${ROUNDS} rounds in turns, ${machine()}`);
    const rows = Object.entries(took).map(([name, value]) => [name, ms(value), ms(value - took['node -e 0'])]);
    console.log(table([['what', 'took', 'beyond a bare Node'], ...rows]));
    console.log('target: a rollback in less than a second');
    console.log(JSON.stringify({ bench: 'registry', versions, rounds: ROUNDS, medianMs: took }));
  });
}
