/** Rows that belong together because one was augmented from the other. */
export interface OriginGroup {
  readonly origin: number;
  readonly label: number;
  readonly rows: readonly number[];
}

/** One group per origin, in order of first appearance; the label is that of the group's first row. */
export function groupByOrigin(labels: Int32Array, origins: Int32Array): readonly OriginGroup[] {
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const origin = origins[row] as number;
    const rows = rowsOf.get(origin);
    if (rows === undefined) rowsOf.set(origin, [row]);
    else rows.push(row);
  }
  return [...rowsOf].map(([origin, rows]) => ({ origin, label: labels[rows[0] as number] as number, rows }));
}

/** Positions of the groups of each label; labels in order of first appearance, so that renaming classes changes nothing. */
export function positionsByLabel(groups: readonly OriginGroup[]): ReadonlyMap<number, readonly number[]> {
  const positions = new Map<number, number[]>();
  groups.forEach((group, position) => {
    const list = positions.get(group.label);
    if (list === undefined) positions.set(group.label, [position]);
    else list.push(position);
  });
  return positions;
}
