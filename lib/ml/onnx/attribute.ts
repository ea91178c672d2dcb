import type { Attribute, GraphFormat } from './format.ts';

export type Attributes = { readonly [name: string]: Attribute };

export const int = (value: number): Attribute => ({ kind: 'int', value });

export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });

export const float = (value: number): Attribute => ({ kind: 'float', value });

export const text = (value: string): Attribute => ({ kind: 'text', value });

export const graph = (value: GraphFormat): Attribute => ({ kind: 'graph', value });
