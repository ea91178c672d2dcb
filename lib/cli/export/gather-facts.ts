import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDatasetMeta } from '../../data/dataset-meta.ts';
import { licenceOf } from '../../data/licence.ts';
import type { EvaluationFile } from '../../domain/evaluation.ts';
import type { LineageRow } from '../../domain/model-version.ts';
import type { DatasetFacts, EvaluationFacts, VersionFacts } from '../../domain/version-facts.ts';
import type { Registry } from '../../registry/mend.ts';
import { importedFacts, madeBy, readLineage } from '../../runlog/read-versions.ts';
import type { VersionRow } from '../../runlog/registry.ts';
import type { Sha256 } from '../../util/hash.ts';

/** All that is known of a version: by the log and the store for one that was made here, else by what it came with. */
export async function gatherFacts({ log, store }: Registry, { line, version }: VersionRow): Promise<VersionFacts> {
  const imported = importedFacts(log, line, version);
  if (imported !== undefined) return imported;
  const lineage = readLineage(log, line, version);
  const { judgedBy, ...made } = madeBy(log, line, version);
  const readWhole = async (hash: string, ...path: readonly string[]): Promise<string | undefined> =>
    (await store.isWhole(hash as Sha256))
      ? readFileSync(join(store.pathOf(hash as Sha256), ...path), 'utf8')
      : undefined;
  const data: DatasetFacts[] = [];
  for (const row of firstOfEach(lineage.filter(({ what }) => what === 'dataset'))) {
    data.push(datasetFacts(row, await readWhole(row.hash, 'dataset.json')));
  }
  let evaluation: EvaluationFacts | null = null;
  for (const hash of judgedBy) evaluation ??= evaluationFacts(await readWhole(hash));
  return {
    ...made,
    evaluation,
    data,
    labels: lineage.filter(({ label }) => label !== null).length,
    lineage: lineage.flatMap(({ stage, what, name, hash }) => (hash === null ? [] : [{ stage, what, name, hash }])),
  };
}

type HashedRow = LineageRow & { readonly hash: string };

/** Several stages read the same dataset; the first one speaks for all. */
function firstOfEach(rows: readonly LineageRow[]): HashedRow[] {
  const byHash = new Map<string, HashedRow>();
  for (const row of rows) {
    const { hash } = row;
    if (hash !== null && !byHash.has(hash)) byHash.set(hash, { ...row, hash });
  }
  return [...byHash.values()];
}

function datasetFacts({ stage, name, hash }: HashedRow, text: string | undefined): DatasetFacts {
  const meta = text === undefined ? undefined : parseDatasetMeta(text);
  if (meta === undefined || !meta.ok) return { stage, name, hash, rows: null, sources: [] };
  const sources = meta.value.provenance.map((source) => ({ ...source, licence: licenceOf(source) }));
  return { stage, name, hash, rows: meta.value.rows, sources };
}

/** The scores of the model that stood for deployment; null for any other file. */
function evaluationFacts(text: string | undefined): EvaluationFacts | null {
  if (text === undefined) return null;
  const file = parse(text);
  const scores = file?.format === 'mlloop-evaluation' ? file.models?.[file.candidate ?? ''] : undefined;
  if (file?.rows === undefined || file.classes === undefined || scores === undefined) return null;
  const { overall, perClass, confusion } = scores;
  return { rows: file.rows, classes: file.classes, overall, perClass, confusion };
}

function parse(text: string): Partial<EvaluationFile> | null {
  try {
    return JSON.parse(text) as Partial<EvaluationFile> | null;
  } catch {
    // A stage may read any file under the kind json.
    return null;
  }
}
