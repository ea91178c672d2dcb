import type { FastifyServerOptions } from 'fastify';
import { type Static, Type } from 'typebox';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Compilers = NonNullable<SchemaController['compilersFactory']>;

/** Fastify's types ask for one of ajv's validators. */
const passAll = (() => () => () => true) as unknown as NonNullable<Compilers['buildValidator']>;

/**
 * Schemas stand in the OpenAPI document and do nothing else. What a request has to be is said better where it is read, what a path names
 * is text anyway, and making programs of them all would take a third of the time until the server is ready.
 */
export const DESCRIBING: SchemaController = {
  compilersFactory: { buildValidator: passAll, buildSerializer: () => () => JSON.stringify },
};

export const ErrorSchema = Type.Object({ error: Type.String() }, { description: 'Why the request is not answered.' });

export const ModelParams = Type.Object({ model: Type.String({ description: 'The model’s name: its line.' }) });
export type ModelParams = Static<typeof ModelParams>;

export const VersionParams = Type.Object({
  ...ModelParams.properties,
  version: Type.String({ description: 'A version’s number.' }),
});
export type VersionParams = Static<typeof VersionParams>;
