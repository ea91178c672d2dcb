import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCycle, type GraphStage, orderStages, upstreamOf } from '../../lib/graph/order.ts';

const stage = (name: string, ...upstream: string[]): GraphStage => ({
  name,
  deps: Object.fromEntries(upstream.map((one) => [one, { kind: 'out', stage: one }])),
});

/** Any graph without a cycle, its stages in any order in the file. */
const acyclic = fc
  .integer({ min: 1, max: 9 })
  .chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 20 }),
      fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
    ),
  )
  .map(([count, edges, order]) => {
    const stages = Array.from({ length: count }, (_, index) =>
      stage(`s${index}`, ...edges.flatMap(([from, to]) => (to === index && from < to ? [`s${from}`] : []))),
    );
    return order.map((index) => stages[index] as GraphStage);
  });

describe('the order of stages', () => {
  test('has every stage once, after those it reads from, for any graph', () => {
    fc.assert(
      fc.property(acyclic, (stages) => {
        const names = orderStages(stages).map(({ name }) => name);
        expect([...names].sort()).toEqual(stages.map(({ name }) => name).sort());
        for (const one of stages) {
          for (const upstream of upstreamOf(one)) expect(names.indexOf(upstream)).toBeLessThan(names.indexOf(one.name));
        }
        expect(findCycle(stages)).toBeUndefined();
      }),
    );
  });

  test('is the file’s where nothing says otherwise', () => {
    const names = orderStages([stage('b'), stage('a'), stage('c', 'a')]).map(({ name }) => name);
    expect(names).toEqual(['b', 'a', 'c']);
  });
});

describe('a loop', () => {
  test('is told in order, its first stage again at the end', () => {
    expect(findCycle([stage('x'), stage('a', 'c'), stage('b', 'a'), stage('c', 'b')])).toEqual(['a', 'c', 'b', 'a']);
  });

  test('of one stage is a loop, too', () => expect(findCycle([stage('a', 'a')])).toEqual(['a', 'a']));

  test('is found wherever an edge back makes one', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (stages, pick) => {
        const ordered = orderStages(stages);
        const last = ordered[ordered.length - 1] as GraphStage;
        const first = ordered[pick % ordered.length] as GraphStage;
        // From a stage to itself or to any other along the whole chain: now it waits for the end.
        const chained = ordered.map((one, at) =>
          stage(one.name, ...(at === 0 ? [] : [(ordered[at - 1] as GraphStage).name])),
        );
        const looped = chained.map((one) =>
          one.name === first.name ? stage(one.name, ...upstreamOf(one), last.name) : one,
        );
        const loop = findCycle(looped) ?? [];
        expect(loop.length).toBeGreaterThan(1);
        expect(loop[0]).toBe(loop.at(-1));
      }),
    );
  });
});
