import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProject, HOME } from '../rig/project.ts';

test('the JSON schema editors read is current: npm run schema writes it', async () => {
  const project = createProject({});
  const written = project.path('schema.json');
  const { status } = await project.mlloop(['check', '--root', HOME, '--schema', written]);
  expect(status).toBe(0);
  expect(readFileSync(join(HOME, 'lib/config/pipeline.schema.json'), 'utf8')).toBe(project.read('schema.json'));
  project.dispose();
});
