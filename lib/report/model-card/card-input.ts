import type { ModelCard } from '../../domain/model.ts';
import type { VersionFacts } from '../../domain/version-facts.ts';

/** What a model card is written from. */
export interface CardInput {
  readonly line: string;
  readonly version: number;
  readonly hash: string;
  readonly model: ModelCard;
  readonly facts: VersionFacts;
  /** Numbers the model has learned. */
  readonly parameters: number;
}
