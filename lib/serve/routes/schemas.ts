import { type Static, Type } from 'typebox';

export const ErrorSchema = Type.Object({ error: Type.String() }, { description: 'Why the request is not answered.' });

export const ModelParams = Type.Object({ model: Type.String({ description: 'The model’s name: its line.' }) });
export type ModelParams = Static<typeof ModelParams>;

export const VersionParams = Type.Object({
  ...ModelParams.properties,
  version: Type.String({ description: 'A version’s number.' }),
});
export type VersionParams = Static<typeof VersionParams>;
