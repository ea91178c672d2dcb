import type { GateRecord } from './gate.ts';

/**
 * What an entry of the deployment ledger tells. `deploy`: a run proved a model; `override`: a run put one live against the gate
 * because a person said so; `promote`, `rollback`, `remove`: a person moved an alias; `kept`: a run left the champion where it
 * was; `import`: a version came from elsewhere.
 */
export const DEPLOYMENT_KINDS = ['deploy', 'override', 'promote', 'rollback', 'remove', 'kept', 'import'] as const;

export type DeploymentKind = (typeof DEPLOYMENT_KINDS)[number];

/** Who made an entry: an attempt of a run, or a person by name. */
export type Author = { readonly attempt: number } | { readonly actor: string };

/** One entry of the ledger, as it is read. */
export interface LedgerEntry {
  readonly id: number;
  readonly line: string;
  /** Null for an import: it moves none. */
  readonly alias: string | null;
  readonly kind: DeploymentKind;
  /** Null where the alias did not exist. */
  readonly from: number | null;
  /** Null where it was taken away. */
  readonly to: number | null;
  readonly reason: string;
  /** The run that made it; null for a person. */
  readonly run: number | string | null;
  /** The person; null for a run. */
  readonly actor: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An entry with the checks behind it; none where a person made it. */
export interface JustifiedEntry extends LedgerEntry {
  readonly gates: readonly GateRecord[];
}
