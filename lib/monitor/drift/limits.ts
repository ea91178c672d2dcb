/** Of fewer rows nothing is said: what chance alone does to them is as large as what is looked for. */
export const MIN_DRIFT_ROWS = 500;

/** Windows without drift that alarm all the same: one of a hundred. */
export const DRIFT_LEVEL = 0.01;

/** A stability index below this is no shift to speak of, however sure it is. */
export const PSI_AT_LEAST = 0.1;
