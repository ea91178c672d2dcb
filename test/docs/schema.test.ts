import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { NOT_ABOVE } from '../../lib/config/not-above.ts';
import { createProject, HOME } from '../rig/project.ts';

test('the JSON schema editors read is current: npm run schema writes it', async () => {
  const project = createProject({});
  const written = project.path('schema.json');
  const { status } = await project.mlloop(['check', '--root', HOME, '--schema', written]);
  expect(status).toBe(0);
  expect(readFileSync(join(HOME, 'lib/config/pipeline.schema.json'), 'utf8')).toBe(project.read('schema.json'));
  project.dispose();
});

test('that schema is one: what reads a pipeline takes it as it is', () => {
  const schema = JSON.parse(readFileSync(join(HOME, 'lib/config/pipeline.schema.json'), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, keywords: [NOT_ABOVE] });
  expect(ajv.validateSchema(schema)).toBe(true);
});
