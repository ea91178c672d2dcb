import { lineageOf } from './0005-registry.ts';

/**
 * What the versions of `base` (a SELECT of line, version) learned from. A label whose input is not on record taught nothing; of an
 * imported version there is what it came with, whose runs are none of this log's. `stands` is what else a cut has to be.
 */
export const knownLineageOf = (base: string, stands?: string): string => `
SELECT line, version, run, stage, what, name, hash, label FROM (${lineageOf(base, stands)}) AS told
WHERE what <> 'label' OR EXISTS (SELECT 1 FROM prediction JOIN prediction_input ON prediction_input.prediction = prediction.number
  WHERE prediction.id = told.name)
UNION ALL
SELECT model.line, model.version, NULL, json_extract(came.value, '$.stage'), json_extract(came.value, '$.what'),
  json_extract(came.value, '$.name'), json_extract(came.value, '$.hash'), NULL
FROM model_version AS model JOIN (${base}) USING (line, version), json_each(model.imported, '$.facts.lineage') AS came
WHERE model.imported IS NOT NULL`;

/** Schema version 8: the lineage says no more than what a version learned from, and says it of imported ones, too. */
export const lineageSchema = `
DROP VIEW v_model_lineage;
CREATE VIEW v_model_lineage AS ${knownLineageOf('SELECT line, version FROM model_version')};
`;
