import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { PipelineYaml } from './schema.ts';

/** The JSON schema of pipeline.yaml with the params of its stages in it, so that an editor completes them. */
export function mergedSchema(paramsOf: ReadonlyMap<string, JsonObject>): JsonObject {
  const base = JSON.parse(JSON.stringify(PipelineYaml)) as JsonObject;
  const properties = objectAt(base, 'properties');
  const stages = objectAt(properties, 'stages');
  const generic = Object.values(objectAt(stages, 'patternProperties'))[0];
  if (!isJsonObject(generic)) throw new Error('the schema of a stage is not where it was');
  const known = Object.fromEntries(
    [...paramsOf].map(([stage, params]): [string, Json] => {
      const own = { ...objectAt(generic, 'properties'), params };
      return [stage, { ...generic, properties: own }];
    }),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...base,
    properties: { ...properties, stages: { ...stages, properties: known } },
  };
}

function objectAt(node: JsonObject, key: string): JsonObject {
  const child = node[key];
  if (!isJsonObject(child)) throw new Error(`the schema has no ${key}`);
  return child;
}
