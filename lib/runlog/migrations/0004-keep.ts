/** Schema version 4: finds in one look who took an attempt's outs again, and who executed a bundle; every run's summary asks. */
export const keepSchema = `
CREATE INDEX attempt_by_origin ON attempt (origin, id) WHERE origin IS NOT NULL;
CREATE INDEX attempt_by_code ON attempt (code, id) WHERE code IS NOT NULL;
`;
