import { createProject, type Project } from './project.ts';

/** The source of a TypeScript stage: `body` is what it does, `more` what else its definition says. */
export const moduleStage = (body: string, more = 'params: Type.Object({}),'): string => `import * as fs from 'node:fs';
import { failure } from 'mlloop/domain/failure';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
export default defineStage({
  ${more}
  async run(ctx) {
    ${body}
  },
});
`;

export interface ToyStage {
  /** Lines of its YAML, without `run`. */
  readonly yaml: readonly string[];
  /** A TypeScript stage's source; a stage without one is a program, and has `cmd` among its lines. */
  readonly source?: string;
}

/** A small project: pipeline.yaml and a file for each TypeScript stage. */
export function toyProject(stages: Readonly<Record<string, ToyStage>>, head = ''): Project {
  const yaml = Object.entries(stages).flatMap(([name, { yaml: lines, source }]) => [
    `  ${name}:`,
    ...(source === undefined ? [] : [`    run: stages/${name}.ts`]),
    ...lines.map((line) => `    ${line}`),
  ]);
  const project = createProject({ 'pipeline.yaml': `name: toy\nseed: 1\n${head}stages:\n${yaml.join('\n')}\n` });
  for (const [name, { source }] of Object.entries(stages)) {
    if (source !== undefined) project.write(`stages/${name}.ts`, source);
  }
  return project;
}
