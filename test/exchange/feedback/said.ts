/** A row of a feedback file, as a test makes it. */
export interface SaidRow {
  readonly id: string;
  readonly label: string;
  readonly source: string | undefined;
  readonly at: number | undefined;
}

/** A label on record: its prediction, the number of its class, whose word it is, and when it was given. */
export type OnRecord = readonly [string, number, string, number];

export interface SaidTo {
  readonly classes: readonly string[];
  /** Ids of answers, and of what was forgotten. */
  readonly predictions: readonly string[];
  readonly forgotten: readonly string[];
  readonly ownSource: string;
  readonly now: number;
  readonly unknown: 'quarantine' | 'wait';
}

/** What is on record: labels that count in their order, older ones, and labels that wait for their prediction. */
export interface Before {
  readonly record: readonly OnRecord[];
  readonly older: readonly OnRecord[];
  readonly waiting: readonly string[];
}

/** What a person would do who takes one row after the other, and never looks ahead. */
export function takeRowByRow(rows: readonly SaidRow[], before: Before, to: SaidTo) {
  const { classes, predictions, forgotten, ownSource, now, unknown } = to;
  const counts = { rows: rows.length, added: 0, known: 0, forgotten: 0, waiting: 0, quarantined: 0 };
  const record = [...before.record];
  const older = [...before.older];
  const waiting = [...before.waiting];
  const setAside: number[] = [];
  const own = new Set(record.filter(([, , source]) => source === ownSource));
  const isAfter = ([, label, source, at]: OnRecord, last: OnRecord): boolean =>
    at !== last[3] ? at > last[3] : source !== last[2] ? source > last[2] : label > last[1];
  for (const [index, { id, label, source = ownSource, at }] of rows.entries()) {
    const given: OnRecord = [id, classes.indexOf(label), source, at ?? now];
    const last = record.filter(([of]) => of === id).at(-1);
    if (label === '') counts.known += 1;
    else if (forgotten.includes(id)) counts.forgotten += 1;
    else if (!predictions.includes(id) && unknown === 'wait') {
      const text = JSON.stringify([id, label, source]);
      counts[waiting.includes(text) ? 'known' : 'waiting'] += 1;
      if (!waiting.includes(text)) waiting.push(text);
    } else if (!predictions.includes(id) || given[1] < 0) setAside.push(index);
    else if (at !== undefined && last !== undefined && !isAfter(given, last)) {
      const isThere = [...record, ...older].some((one) => JSON.stringify(one) === JSON.stringify(given));
      counts[isThere ? 'known' : 'added'] += 1;
      if (!isThere) older.push(given);
    } else if (at === undefined && last?.[1] === given[1]) {
      counts.known += 1;
      own.add(last);
    } else if (at === undefined && last !== undefined && own.has(last)) setAside.push(index);
    else {
      record.push(given);
      own.add(given);
      counts.added += 1;
    }
  }
  counts.quarantined = setAside.length;
  return { counts, record, older, waiting, setAside };
}
