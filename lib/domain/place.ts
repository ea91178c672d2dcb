/** A position in a text file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of that line, so that a message can show it with a caret. */
  readonly text?: string;
}

export const formatPlace = (place: Place): string => `${place.file}:${place.line}:${place.column}`;
