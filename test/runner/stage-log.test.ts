import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openStageLog } from '../../lib/runner/stage-log.ts';
import { createRedactor } from '../../lib/util/redact.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();
const options = { redactor: createRedactor(['hunter22']), hasSecrets: true };

describe('the log of an attempt', () => {
  test('holds what the stage said and what its process printed, without secrets', () => {
    const log = openStageLog(path('logs', 'a.log'), options);
    const printed = new PassThrough();
    log.follow(printed);
    log.line('begins with hunter22');
    printed.emit('data', 'hunt');
    printed.emit('data', 'er22 is printed\n');
    log.close();
    expect(readFileSync(path('logs', 'a.log'), 'utf8')).toBe('begins with ***\n*** is printed\n');
  });

  test.runIf(process.platform === 'linux')('tells of a full disk when it is closed, and not in the middle', () => {
    const log = openStageLog('/dev/full', options);
    const printed = new PassThrough();
    log.follow(printed);
    log.line('nobody reads this');
    printed.emit('data', 'nor this\n');
    expect(() => log.close()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
  });
});
