// Numbers about speed and memory. Usage: npm run bench [-- NAME [ARGS]]
const BENCHES = {
  quick: './quick-run.mjs',
  noop: './noop.mjs',
  stages: './stages.mjs',
  dep: './dep.mjs',
  overhead: './overhead.mjs',
  log: './log.mjs',
  train: './train.mjs',
  search: './search.mjs',
  pipeline: './pipeline.mjs',
  serve: './serve.mjs',
  registry: './registry.mjs',
  retrain: './retrain.mjs',
  feedback: './feedback.mjs',
  drift: './drift.mjs',
};

const [first = 'quick', ...rest] = process.argv.slice(2);
// A number alone is how often the first bench runs, as it was before there were others.
const isCount = /^\d+$/.test(first);
const name = isCount ? 'quick' : first;
const file = BENCHES[name];
if (file === undefined) {
  console.error(`There is no bench '${name}'; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exitCode = 2;
} else {
  const { bench } = await import(file);
  await bench(isCount ? [first, ...rest] : rest);
}
