import { appendFileSync, chmodSync, existsSync, mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Failure, formatFailure } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { findVersion } from '../../lib/registry/find-version.ts';
import { mendAliases, mendLinks } from '../../lib/registry/mend.ts';
import { promote, removeAlias, rollBack } from '../../lib/registry/move-alias.ts';
import type { Result } from '../../lib/util/result.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { type RegistryRig, registryRig } from '../rig/registered.ts';

const path = temporaryFolder();
let rig: RegistryRig;

beforeEach(() => {
  rig = registryRig(path());
});
afterEach(() => rig.log.close());

const BY = { actor: 'anna@desk', at: 8, reason: 'because' };
const LINE = 'digits';
const row = (version: string) => orRaise(findVersion(rig.log, version, LINE));
const refusal = (result: Result<unknown, Failure>): string => (result.ok ? 'done' : formatFailure(result.failure));
const aliases = (): unknown[] => rig.rows('SELECT alias, version FROM alias ORDER BY alias');

const back = async (to?: string) => rollBack(rig, LINE, { ...BY, to: to === undefined ? undefined : row(to) });
const put = async (version: string, alias = 'champion') => promote(rig, row(version), { ...BY, alias });

/** What stands behind an alias by the log, by the last entry of its ledger, and by its link. */
function aliasThrice(alias: string, line = LINE): readonly (number | null)[] {
  const where = `line = '${line}' AND alias = '${alias}'`;
  const [inLog] = rig.rows<{ version: number }>(`SELECT version FROM alias WHERE ${where}`);
  const [last] = rig.rows<{ to_version: number | null }>(
    `SELECT to_version FROM deployment WHERE ${where} ORDER BY id DESC LIMIT 1`,
  );
  const link = path('artifacts/models', line, alias);
  const inLink = existsSync(link) ? Number(readlinkSync(link).slice(1)) : null;
  return [inLog?.version ?? null, last?.to_version ?? null, inLink];
}

describe('any moves, one after the other', () => {
  const VERSIONS = 4;
  const step = fc.record({
    do: fc.constantFrom('deploy', 'deploy', 'override', 'back', 'back', 'back to', 'promote', 'canary', 'unalias'),
    version: fc.integer({ min: 1, max: VERSIONS }),
  });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  async function take(line: string, { do: what, version }: Step): Promise<void> {
    const named = orRaise(findVersion(rig.log, `v${version}`, line));
    if (what === 'deploy') await rig.deploy(line, `model ${version}`);
    if (what === 'override') await rig.deploy(line, `model ${version}`, 'it has to be');
    if (what === 'back') await rollBack(rig, line, { ...BY, to: undefined });
    if (what === 'back to') await rollBack(rig, line, { ...BY, to: named });
    if (what === 'promote') await promote(rig, named, { ...BY, alias: 'champion' });
    if (what === 'canary') await promote(rig, named, { ...BY, alias: 'canary' });
    if (what === 'unalias') removeAlias(rig, line, { ...BY, alias: 'canary' });
  }

  /** Where the champion goes, worked out from what the README says alone: versions that were live, and those nobody trusts. */
  function expected(trail: number[], distrusted: Set<number>, { do: what, version }: Step): void {
    const now = trail.at(-1);
    if (what === 'canary' || what === 'unalias' || (what === 'deploy' && distrusted.has(version))) return;
    const isBack = what === 'back' || what === 'back to';
    const earlier = trail.filter((one) => one !== now && !distrusted.has(one));
    const target = what === 'back' ? earlier.at(-1) : version;
    if (target === undefined || target === now) return;
    while (isBack && trail.length > 0) {
      if (trail.at(-1) === target) break;
      distrusted.add(trail.pop() as number);
      if (!trail.includes(target)) break;
    }
    if (trail.at(-1) !== target) trail.push(target);
    distrusted.delete(target);
  }

  test('end where they have to, with a ledger, an alias and a link that agree', async () => {
    let lines = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const line = `line-${++lines}`;
        const trail: number[] = [];
        const distrusted = new Set<number>();
        for (let version = 1; version <= VERSIONS; version++) {
          await rig.deploy(line, `model ${version}`);
          trail.push(version);
        }
        for (const one of steps) {
          await take(line, one);
          expected(trail, distrusted, one);
          mendLinks(rig);
          expect(aliasThrice('champion', line)).toEqual(Array(3).fill(trail.at(-1)));
          const [canary] = aliasThrice('canary', line);
          expect(aliasThrice('canary', line)).toEqual(Array(3).fill(canary));
        }
        for (const alias of ['champion', 'canary']) {
          const entries = rig.rows<{ from_version: number | null; to_version: number | null }>(
            `SELECT from_version, to_version FROM deployment WHERE line = '${line}' AND alias = '${alias}' ORDER BY id`,
          );
          const [from, to] = [entries.map((entry) => entry.from_version), entries.map((entry) => entry.to_version)];
          expect(from).toEqual([null, ...to].slice(0, from.length));
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe('a version that is not whole', () => {
  beforeEach(async () => {
    for (const text of ['one', 'two']) await rig.deploy(LINE, text);
  });
  const file = (name: string): string => path('artifacts/models/digits/v1', name);
  const write = (name: string, text: string): void => {
    if (existsSync(file(name))) chmodSync(file(name), 0o644);
    writeFileSync(file(name), text);
  };

  test.each([
    ['a flipped byte', () => write('weights.bin', 'onf'), 'weights.bin has other bytes'],
    ['a missing file', () => rmSync(file('weights.bin')), 'weights.bin is gone'],
    ['a file too many', () => write('more.bin', ''), 'more.bin does not belong to it'],
    ['no list of files', () => rmSync(file('version.json')), 'it has no version.json'],
    ['half a list of files', () => write('version.json', '{"format": "mlloop-ver'), 'its version.json cannot be read'],
    ['somebody else’s list', () => write('version.json', '{"files": {}}'), 'its version.json cannot be read'],
    [
      'other files under a list of their own',
      () => {
        write('weights.bin', 'onf');
        const sum = 'f1d29de4bd1b59b24cf7fb1a72a9d8df0d7a0fca66f7dd2e3cf0aacfe06ba9a0';
        write('version.json', JSON.stringify({ format: 'mlloop-version', files: { 'weights.bin': sum } }));
      },
      'weights.bin has other bytes',
    ],
    ['no folder, and no store', () => rmSync(path('artifacts/models/digits/v1'), { recursive: true }), 'it is gone'],
  ])('with %s is neither promoted nor gone back to, and nothing moves', async (_, damage, fault) => {
    damage();
    const before = [aliases(), rig.rows('SELECT * FROM deployment')];
    const message = `digits v1 cannot be used: artifacts/models/digits/v1 is not whole: ${fault}.`;
    expect(refusal(await put('v1')).split('\n')[0]).toBe(message);
    expect(refusal(await back()).split('\n')[0]).toBe(message);
    expect([aliases(), rig.rows('SELECT * FROM deployment')]).toEqual(before);
  });

  test('in folder and list alike is told from what was registered', async () => {
    write('weights.bin', 'onf');
    const { createHash } = await import('node:crypto');
    const sum = createHash('sha256').update('onf').digest('hex');
    write('version.json', JSON.stringify({ format: 'mlloop-version', files: { 'weights.bin': sum } }));
    expect(refusal(await put('v1'))).toContain('is not whole: its files are not those that were registered.');
  });

  test('is laid out again where the store has it', async () => {
    mkdirSync(path('artifacts', 'tmp'), { recursive: true });
    mkdirSync(path('artifacts/tmp/one'));
    writeFileSync(path('artifacts/tmp/one/weights.bin'), 'one');
    await rig.store.take(path('artifacts/tmp/one'));
    rmSync(path('artifacts/models/digits/v1'), { recursive: true });
    expect(await back()).toEqual({ ok: true, value: { line: LINE, alias: 'champion', from: 2, to: 1 } });
    expect(existsSync(file('weights.bin'))).toBe(true);
  });
});

describe('what is not there', () => {
  test.each([
    ['v9', undefined, 'No model version v9 is registered.\nRegistered: digits v1.'],
    ['v0', undefined, 'No model version v0 is registered.\nRegistered: digits v1.'],
    ['', undefined, 'No model version or alias  is registered.\nRegistered: digits v1, digits champion (v1).'],
    [
      'canary',
      undefined,
      'No model version or alias canary is registered.\nRegistered: digits v1, digits champion (v1).',
    ],
    ['v1', 'digit', "There is no line of models 'digit'. Did you mean 'digits'?\nLines: digits."],
  ])('%s of line %s is refused', async (what, line, message) => {
    await rig.deploy(LINE, 'one');
    expect(refusal(findVersion(rig.log, what, line))).toBe(message);
  });

  test('is said of an empty registry', () => {
    expect(refusal(findVersion(rig.log, 'v1', undefined))).toContain('No model has been registered here yet.');
    expect(refusal(findVersion(rig.log, 'v1', 'x'))).toContain('No model has been registered here yet.');
  });
});

describe('which line is meant', () => {
  const found = (what: string, line?: string): string => {
    const result = findVersion(rig.log, what, line);
    return result.ok ? `${result.value.line} v${result.value.version}` : formatFailure(result.failure);
  };

  test('is the real one beside that of generated data, and asked where two are real', async () => {
    await rig.deploy('digits-demo', 'made up');
    expect(found('v1')).toBe('digits-demo v1');
    await rig.deploy('digits', 'one');
    await rig.deploy('digits-demo', 'made up, too');
    expect([found('v1'), found('champion'), found('latest'), found('1')]).toEqual(Array(4).fill('digits v1'));
    expect(found('v2')).toBe('digits-demo v2');
    expect(found('latest', 'digits-demo')).toBe('digits-demo v2');
    await rig.deploy('tickets', 'other');
    expect(found('v1')).toBe('Several lines have a version v1: digits, tickets.\nName one, as in --line digits.');
  });
});

test.each(['v3', 'latest', 'Champion', '../up', '.hidden', 'a b', '', '3', 'a'.repeat(64)])(
  'an alias is never called %j',
  async (alias) => {
    await rig.deploy(LINE, 'one');
    expect(refusal(await put('v1', alias))).toContain(`'${alias}' cannot be an alias.`);
  },
);

describe('going back', () => {
  test('needs a champion, and one before it', async () => {
    expect(refusal(await rollBack(rig, LINE, { ...BY, to: undefined }))).toContain("No model of the line 'digits'");
    await rig.deploy(LINE, 'one');
    expect(refusal(await back())).toContain("There is no version of 'digits' to go back to from v1.");
  });

  test('leads only to what was live', async () => {
    await rig.deploy(LINE, 'one');
    await rig.deploy(LINE, 'two');
    await back();
    await rig.deploy(LINE, 'three');
    await put('v2', 'canary');
    expect(refusal(await back('v2'))).toBe('done');
    rig.log.database.exec(
      'INSERT INTO model_version SELECT 9, line, 9, hash, folder, metrics, attempt, imported, 0 FROM model_version WHERE version = 1',
    );
    expect(refusal(await back('v9'))).toBe(
      'digits v9 was never the champion, so there is no going back to it.\nMake it the champion with: npx mlloop promote v9 --line digits',
    );
  });
});

describe('links', () => {
  test('that do not say what the log says are mended, and those of aliases that are gone are taken away', async () => {
    await rig.deploy(LINE, 'one');
    await rig.deploy(LINE, 'two');
    await put('v1', 'canary');
    mendLinks(rig);
    // Killed after the log had it, before the link.
    await put('v1');
    removeAlias(rig, LINE, { ...BY, alias: 'canary' });
    appendFileSync(path('artifacts/models/digits/notes.txt'), 'mine');
    expect([
      readlinkSync(path('artifacts/models/digits/champion')),
      readlinkSync(path('artifacts/models/digits/canary')),
    ]).toEqual(['v2', 'v1']);
    await mendAliases(rig);
    expect(aliasThrice('champion')).toEqual([1, 1, 1]);
    expect(aliasThrice('canary')).toEqual([null, null, null]);
    expect(existsSync(path('artifacts/models/digits/notes.txt'))).toBe(true);
  });
});
