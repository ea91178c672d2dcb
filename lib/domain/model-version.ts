import type { JsonObject } from '../util/json.ts';
import type { JustifiedEntry, LedgerEntry } from './ledger.ts';
import type { ImportedFrom } from './version-facts.ts';

/** One registered version, as it is read. */
export interface ModelVersion {
  readonly line: string;
  readonly version: number;
  /** Names that point at it now, sorted. */
  readonly aliases: readonly string[];
  /** The run that made it; null for one that was imported. */
  readonly run: number | string | null;
  /** What it was where it comes from; null for one that was made here. */
  readonly imported: ImportedFrom | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly metrics: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Content hash of its files. */
  readonly hash: string;
  /** Relative to the state folder. */
  readonly folder: string;
}

/** A version in the list of its line. */
export interface ListedVersion extends ModelVersion {
  /** The entry that rolled back from it; null where nobody did, or somebody brought it back. */
  readonly rolledBack: LedgerEntry | null;
}

/** Something a version learned from: what an attempt on the way to it read, that attempt's code, or a label. */
export interface LineageRow {
  /** The run of the attempt, and its stage. */
  readonly run: number | string;
  readonly stage: string;
  /** 'path' for a file or folder of the project, the kind of an out, 'code', or 'label'. */
  readonly what: string;
  /** The dep's name, or the prediction a label belongs to. */
  readonly name: string;
  /** Content hash; null for a label. */
  readonly hash: string | null;
  /** Id of the label; null for all else. */
  readonly label: number | null;
}

/** All there is to know of a version. */
export interface VersionDetails extends ListedVersion {
  /** What is wrong with its folder; nothing when it is whole. */
  readonly faults: readonly string[];
  readonly lineage: readonly LineageRow[];
  /** Entries of the ledger that speak of it, oldest first. */
  readonly history: readonly JustifiedEntry[];
}
