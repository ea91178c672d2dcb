import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wholeRequest } from '../../../lib/serve/door/whole-request.ts';

const HEAD = 'POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\n';

const read = (text: string) => wholeRequest(Buffer.from(text, 'latin1'));

describe('the bytes of a request', () => {
  test('that are all of it are read', () => {
    expect(read(`${HEAD}Content-Length: 3\r\n\r\nabc`)).toEqual({ method: 'POST', url: '/v2/models/m/infer' });
    expect(read('GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n')).toEqual({
      method: 'GET',
      url: '/v2/health/live',
    });
    expect(read(`${HEAD}connection: keep-alive\r\ncontent-length: 0\r\n\r\n`)).toBeDefined();
  });

  test.each([
    ['without a length', `${HEAD}\r\nabc`],
    ['with two lengths', `${HEAD}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['with a length of another form', `${HEAD}Content-Length: +3\r\n\r\nabc`],
    ['with a length that has spaces', `${HEAD}Content-Length:  3\r\n\r\nabc`],
    ['with a length on a line that is folded', `${HEAD}X: y\r\n Content-Length: 3\r\n\r\nabc`],
    ['with a length before a space', `${HEAD}Content-Length : 3\r\n\r\nabc`],
    ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['that waits for leave', `${HEAD}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`],
    ['that closes its connection', `${HEAD}Connection: close\r\nContent-Length: 3\r\n\r\nabc`],
    ['that changes the protocol', `${HEAD}Upgrade: x\r\nContent-Length: 3\r\n\r\nabc`],
    ['of an older protocol', 'POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc'],
    ['with lines that end otherwise', 'POST / HTTP/1.1\nContent-Length: 3\r\n\r\nabc'],
    ['that is no request', 'hello\r\n\r\n'],
    ['of nothing', ''],
  ])('%s are left to the parser', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('that are less or more than one are left to the parser', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), fc.string({ minLength: 1, maxLength: 50 }), (body, more) => {
        const bytes = Buffer.from(body);
        const whole = Buffer.concat([Buffer.from(`${HEAD}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
        expect(wholeRequest(whole)).toBeDefined();
        expect(wholeRequest(Buffer.concat([whole, Buffer.from(more)]))).toBeUndefined();
        for (let cut = 0; cut < whole.length; cut++) expect(wholeRequest(whole.subarray(0, cut))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
