import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './project.ts';

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of the Dockerfile's stages, the last one last. */
export function dockerStages(): Instruction[][] {
  const lines = readFileSync(join(HOME, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  return stages;
}

export const textsOf = (stage: readonly Instruction[], name: string): string[] =>
  stage.filter((one) => one.name === name).map(({ text }) => text);

/** Copies what `COPY . .` would take: the files of the repository that .dockerignore lets through. */
export function copyContext(target: string): string[] {
  const ignored = readFileSync(join(HOME, '.dockerignore'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
  const all = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: HOME });
  const taken = all
    .toString()
    .split('\0')
    .filter((file) => file !== '' && !ignored.some((one) => one.test(file.split('/')[0] ?? '')));
  for (const file of taken) cpSync(join(HOME, file), join(target, file));
  return taken;
}
