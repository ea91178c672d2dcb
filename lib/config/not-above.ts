import type { ErrorObject, FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';

/** Of a map: `notAbove: { windows: 'of' }` says that one value may be at most another one. Plain JSON schema cannot. */
const validate: SchemaValidateFunction = (
  limits: Readonly<Record<string, string>>,
  value: Readonly<Record<string, unknown>>,
  _schema,
  context,
) => {
  const faults = Object.entries(limits).flatMap(([name, other]): Partial<ErrorObject>[] => {
    const [seen, limit] = [value[name], value[other]];
    if (typeof seen !== 'number' || typeof limit !== 'number' || seen <= limit) return [];
    return [{ keyword: 'notAbove', instancePath: `${context?.instancePath ?? ''}/${name}`, params: { other, limit } }];
  });
  validate.errors = faults;
  return faults.length === 0;
};

export const NOT_ABOVE: FuncKeywordDefinition = {
  keyword: 'notAbove',
  type: 'object',
  schemaType: 'object',
  validate,
};
