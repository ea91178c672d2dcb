import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderHash } from '../../lib/cache/content.ts';
import { versionFaults } from '../../lib/registry/version-faults.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();

/** A version's folder whose list names one file, and the hash it would be registered with. */
function versionOf(name: string): string {
  const bytes = 'weights';
  mkdirSync(path('v1'));
  writeFileSync(path('v1', name), bytes);
  const files = { [name]: sha256(bytes) };
  writeFileSync(path('v1', 'version.json'), JSON.stringify({ format: 'mlloop-version', files }));
  return folderHash([{ path: name, sha256: sha256(bytes), sizeBytes: bytes.length }]);
}

test('a folder that has what its list says has no faults', () => {
  expect(versionFaults(path('v1'), versionOf('weights.bin'))).toEqual([]);
});

test('a list may not name a file outside of the folder, whatever its sum', () => {
  expect(versionFaults(path('v1'), versionOf('../weights.bin'))).toEqual(['../weights.bin lies elsewhere']);
});

test('a file that is called like something every object has does not belong to it', () => {
  const hash = versionOf('weights.bin');
  writeFileSync(path('v1', 'constructor'), '');
  expect(versionFaults(path('v1'), hash)).toEqual(['constructor does not belong to it']);
});
