import { describe, expect, test } from 'vitest';
import type { SourceFacts, VersionFacts } from '../../lib/domain/version-facts.ts';
import { dataSection } from '../../lib/report/model-card/data-section.ts';

const source = (name: string, rows: number): SourceFacts => ({
  source: name,
  rows,
  sha256: {},
  detail: {},
  licence: null,
});

const facts = (sources: readonly SourceFacts[], labels: number): VersionFacts => ({
  made: { run: 1, uid: 'u', gitCommit: null, isDirty: false },
  at: 0,
  metrics: {},
  evaluation: null,
  data: [
    { stage: 'preprocess', name: 'raw', hash: 'a', rows: sources.length === 0 ? null : 70, sources },
    { stage: 'train', name: 'data', hash: 'b', rows: sources.length === 0 ? null : 60, sources },
  ],
  labels,
  lineage: [],
});

describe('what a model card says of feedback', () => {
  test('is how many of its rows were learned from, and not how many were accepted', () => {
    const sources = [source('mnist', 100), source('feedback', 7), source('simulated feedback', 2)];
    expect(dataSection(facts(sources, 12), 60)).toContain('Among the rows are 9 that people, or a simulation of them,');
  });

  test('is the most it can be where the datasets are gone, and nothing where none was accepted', () => {
    expect(dataSection(facts([], 12), 60)).toContain('Among the rows are at most 12 that people,');
    expect(dataSection(facts([source('mnist', 100)], 0), 60)).not.toContain('Among the rows');
  });
});
