#!/usr/bin/env node
// The part of GitHub's command line that the workflows use, over a folder instead of a network.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { GH_FOLDER: folder, GH_TOKEN: token, GITHUB_REPOSITORY: repository } = process.env;
const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};
if (!token) fail('gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.');
const read = (file, otherwise) => {
  const path = join(folder, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : otherwise;
};
const answer = (value) => {
  const jq = option('--jq');
  const text = JSON.stringify(value);
  process.stdout.write(jq === undefined ? text : execFileSync('jq', ['-r', jq], { input: text, encoding: 'utf8' }));
};

const [verb, what] = args;
if (verb === 'run' && what === 'list') {
  if (option('--repo') !== repository || option('--workflow') !== 'retrain.yml')
    fail('gh: could not find any workflows');
  const runs = read('runs.json', []).filter(({ branch }) => branch === option('--branch'));
  answer(
    runs
      .map(({ id }) => ({ databaseId: id }))
      .reverse()
      .slice(0, Number(option('--limit'))),
  );
} else if (verb === 'run' && what === 'download') {
  const from = join(folder, 'artifacts', args[2], option('--name'));
  if (!existsSync(from)) fail('gh: no artifact matches any of the names or patterns provided');
  mkdirSync(option('--dir'), { recursive: true });
  cpSync(from, option('--dir'), { recursive: true });
} else if (verb === 'api') {
  const path = args.find((arg) => arg.startsWith('repos/')) ?? '';
  const [, run] = /^repos\/[^/]+\/[^/]+\/actions\/runs\/(\d+)\/artifacts$/.exec(path) ?? [];
  const [, issue] = /^repos\/[^/]+\/[^/]+\/issues\/(\d+)\/comments$/.exec(path) ?? [];
  const [, comment] = /^repos\/[^/]+\/[^/]+\/issues\/comments\/(\d+)$/.exec(path) ?? [];
  const comments = read('comments.json', []);
  const body = () => readFileSync(option('--field').replace(/^body=@/, ''), 'utf8');
  const keep = (all) => writeFileSync(join(folder, 'comments.json'), JSON.stringify(all));
  if (run !== undefined) {
    const made = join(folder, 'artifacts', run);
    const names = existsSync(made) ? readdirSync(made) : [];
    answer({ artifacts: names.map((name, at) => ({ id: 1000 * Number(run) + at, name, expired: false })) });
  } else if (issue !== undefined && option('--method') === 'POST') {
    keep([
      ...comments,
      { id: comments.length + 1, issue: Number(issue), user: { login: 'github-actions[bot]' }, body: body() },
    ]);
  } else if (comment !== undefined && option('--method') === 'PATCH') {
    keep(comments.map((one) => (one.id === Number(comment) ? { ...one, body: body() } : one)));
  } else if (issue !== undefined) answer(comments.filter((one) => one.issue === Number(issue)));
  else fail(`gh: Not Found (HTTP 404): ${path}`);
} else fail(`unknown command ${args.join(' ')} for "gh"`);
