/**
 * Schema version 14: how many answers are not on record any more, by the hour they were given in. What share of the answers
 * people have labelled is known as long as all of them count.
 */
export const pastAnswersSchema = `
CREATE TABLE past_prediction (
  line TEXT NOT NULL,
  version INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  answers INTEGER NOT NULL CHECK (answers > 0),
  PRIMARY KEY (line, version, hour),
  FOREIGN KEY (line, version) REFERENCES model_version (line, version)
) STRICT, WITHOUT ROWID;
`;
