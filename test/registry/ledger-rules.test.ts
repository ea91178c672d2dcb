import { describe, expect, test } from 'vitest';
import { type Move, standingOf, versionBefore } from '../../lib/registry/ledger-rules.ts';

const deploy = (from: number | null, to: number): Move => ({ kind: 'deploy', from, to });
const rollback = (from: number, to: number): Move => ({ kind: 'rollback', from, to });
const promote = (from: number, to: number): Move => ({ kind: 'promote', from, to });

const THREE = [deploy(null, 1), deploy(1, 2), deploy(2, 3)];

const told = (moves: readonly Move[]): unknown => {
  const standing = standingOf(moves);
  const current = standing.stack.at(-1);
  return [standing.stack, [...standing.withdrawn.keys()].sort(), versionBefore(standing, current)];
};

describe('where an alias stands', () => {
  test.each([
    ['before anything', [], [[], [], undefined]],
    ['after the first model', [deploy(null, 1)], [[1], [], undefined]],
    ['after three', THREE, [[1, 2, 3], [], 2]],
    ['one step back', [...THREE, rollback(3, 2)], [[1, 2], [3], 1]],
    ['two steps back, one after the other', [...THREE, rollback(3, 2), rollback(2, 1)], [[1], [2, 3], undefined]],
    ['two steps back at once: both are not trusted', [...THREE, rollback(3, 1)], [[1], [2, 3], undefined]],
    ['a new model after a rollback', [...THREE, rollback(3, 2), deploy(2, 4)], [[1, 2, 4], [3], 2]],
    ['a person brings it back', [...THREE, rollback(3, 2), promote(2, 3)], [[1, 2, 3], [], 2]],
    [
      'a run is told to bring it back',
      [...THREE, rollback(3, 2), { kind: 'override', from: 2, to: 3 }],
      [[1, 2, 3], [], 2],
    ],
    ['an old one promoted, and back from it', [...THREE, promote(3, 1), rollback(1, 3)], [[1, 2, 3], [1], 2]],
    ['back to one that was rolled back before', [...THREE, rollback(3, 2), rollback(2, 3)], [[1, 3], [2], 1]],
    ['a run that kept it', [...THREE, { kind: 'kept', from: 3, to: 3 }], [[1, 2, 3], [], 2]],
  ] satisfies [string, Move[], unknown][])('%s', (_, moves, expected) => {
    expect(told(moves)).toEqual(expected);
  });
});
