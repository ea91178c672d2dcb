import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from '../../../lib/cache/content.ts';
import { changeEveryStage, copyOfProject, fiveStageProject } from '../../rig/five-stages.ts';
import type { Project } from '../../rig/project.ts';
import { expectSound, finalState } from '../../rig/soundness.ts';

/** A file system of a few megabytes that can be filled; undefined where none may be mounted. */
function mountSmall(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

function unmount(folder: string): void {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
}

const probe = mountSmall(1);
if (probe !== undefined) unmount(probe);

let edited: Project;
let project: Project;
let undisturbed: unknown;
const mounted: string[] = [];

describe.skipIf(probe === undefined)('on a small file system of its own', () => {
  beforeAll(async () => {
    edited = fiveStageProject();
    expect((await edited.mlloop(['run'])).status).toBe(0);
    changeEveryStage(edited);
    const apart = copyOfProject(edited);
    expect((await apart.mlloop(['run'])).status).toBe(0);
    undisturbed = await finalState(apart);
    apart.dispose();
  });
  afterAll(() => edited.dispose());
  afterEach(() => {
    project.dispose();
    for (const folder of mounted.splice(0)) unmount(folder);
  });

  /** A copy of the project there, with so many kilobytes left; what takes the rest is the file it returns. */
  function copyAndFill(freeKilobytes: number): string {
    const folder = mountSmall(8) ?? '';
    mounted.push(folder);
    project = copyOfProject(edited, folder);
    const { bavail, bsize } = statfsSync(folder);
    const filler = join(folder, 'filler');
    writeFileSync(filler, new Uint8Array(Math.max(0, bavail * bsize - freeKilobytes * 1024)));
    return filler;
  }

  test.each([0, 24, 96, 192, 288])(
    'with %i kB left a run says so, keeps what there was, and completes once there is room',
    async (kilobytes) => {
      const filler = copyAndFill(kilobytes);
      const before = edited.rows<{ hash: string }>("SELECT DISTINCT hash FROM attempt_artifact WHERE role = 'out'");
      const full = await project.mlloop(['run', '--jobs', '1']);
      expect(full.status, full.stderr).toBe(1);
      expect(full.stderr).toMatch(/cannot be written to: no room is left on the device\./);
      for (const { hash } of before) {
        expect((await contentOf(project.path('artifacts', 'objects', hash.slice(0, 2), hash))).hash).toBe(hash);
      }
      rmSync(filler);
      const next = await project.mlloop(['run', '--jobs', '1']);
      expect(next.status, next.stderr).toBe(0);
      await expectSound(project);
      expect(await finalState(project)).toEqual(undisturbed);
    },
  );
});
