import type { Provenance } from '../domain/dataset.ts';
import type { Dataset } from './dataset.ts';

/** What is known of the terms of sources that this program reads or makes. */
const KNOWN: Readonly<Record<string, string>> = {
  mnist:
    'CC BY-SA 3.0, as Keras states it (other distributors name none); copyright Yann LeCun and Corinna Cortes, derived from NIST’s Special Databases 1 and 3',
  'synthetic-digits': 'none needed: mlloop drew these rows by itself',
  'simulated feedback': 'as the data the rows were replayed from',
};

/** Under which terms rows may be used: what their provenance says under `licence`, else what is known of the source; else null. */
export function licenceOf({ source, detail }: Provenance): string | null {
  const { licence } = detail;
  return typeof licence === 'string' ? licence : (KNOWN[source] ?? null);
}

/** The dataset with the terms a person has stated for its rows; as it is where none are. */
export function withLicence(dataset: Dataset, licence: string | undefined): Dataset {
  if (licence === undefined) return dataset;
  const { meta } = dataset;
  const provenance = meta.provenance.map((source) => ({ ...source, detail: { ...source.detail, licence } }));
  return { ...dataset, meta: { ...meta, provenance } };
}
