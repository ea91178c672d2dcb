import type { VersionFacts } from '../../lib/domain/version-facts.ts';

/** What is known of a version of which hardly anything is known. */
export const FACTS: VersionFacts = {
  made: { run: 7, uid: 'u', gitCommit: null, isDirty: false },
  at: 1,
  metrics: { accuracy: 0.9 },
  evaluation: null,
  data: [],
  labels: 0,
  lineage: [],
};
