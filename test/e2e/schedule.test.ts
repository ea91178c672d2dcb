import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createProject, HOME, type Project } from '../rig/project.ts';
import { snippet } from '../rig/readme.ts';
import { versionsProject } from '../rig/versions-project.ts';

const NODE = dirname(process.execPath);
/** What cron gives a job, and where Node is on this machine. */
const CRON = { SHELL: '/bin/sh', HOME: process.env['HOME'] ?? '/', LOGNAME: 'mlloop', PATH: `${NODE}:/usr/bin:/bin` };

let project: Project;
afterEach(() => project.dispose());

/** The README's folders and programs, on this machine. */
const here = (text: string): string =>
  text
    .replaceAll('/opt/mlloop', project.path('app'))
    .replaceAll('/var/lib/mlloop', project.root)
    .replaceAll('/usr/bin/npm', join(NODE, 'npm'));

/** A server's folders: what is installed, and a state with a champion. */
async function installed(): Promise<void> {
  const made = await versionsProject(1);
  made.promote(1);
  project = made;
  project.write('app/pipeline.yaml', project.read('pipeline.yaml'));
  for (const name of ['package.json', 'lib', 'node_modules']) symlinkSync(join(HOME, name), project.path('app', name));
}

const decisions = () => project.rows('SELECT asked, verdict, reason FROM retrain_decision ORDER BY id');
const IDLE = { asked: 'if_needed', verdict: 'skipped', reason: 'no rule fired' };

describe('the README’s schedule', () => {
  test('for cron runs as cron runs it, at an odd minute', async () => {
    await installed();
    const [minute = '', hour = '', ...rest] = snippet('crontab').trim().split(' ');
    expect([Number(minute) % 2, Number(hour), rest.slice(0, 3)]).toEqual([1, 3, ['*', '*', '*']]);
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', here(rest.slice(3).join(' '))], {
      cwd: CRON.HOME,
      env: CRON,
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    expect(project.read('retrain.log')).toContain('skipped: no rule fired\n');
    expect(decisions()).toEqual([IDLE]);
  });

  test('for systemd runs the same command', async () => {
    await installed();
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(snippet('retrain-service')) ?? [];
    expect(snippet('crontab')).toContain(command);
    const [, folder = ''] = /^WorkingDirectory=(.*)$/m.exec(snippet('retrain-service')) ?? [];
    const [program = '', ...args] = here(command).split(' ');
    expect(execFileSync(program, args, { cwd: here(folder), env: CRON, encoding: 'utf8' })).toBe(
      'skipped: no rule fired\n',
    );
    expect(decisions()).toEqual([IDLE]);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.skipIf(!hasSystemd)('for systemd is valid to systemd', () => {
    project = createProject({});
    for (const kind of ['service', 'timer']) project.write(`mlloop-retrain.${kind}`, here(snippet(`retrain-${kind}`)));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', project.path('mlloop-retrain.timer')], {
      encoding: 'utf8',
    });
    const about = verified.stderr.split('\n').filter((line) => line.includes('mlloop'));
    expect([verified.status, about]).toEqual([0, []]);
    const [, calendar = ''] = /^OnCalendar=(.*)$/m.exec(snippet('retrain-timer')) ?? [];
    const { stdout } = spawnSync('systemd-analyze', ['calendar', '--iterations=2', calendar], { encoding: 'utf8' });
    expect(stdout).toContain('03:17:00');
  });
});
