/** Rows that belong together because one was augmented from the other, in groups numbered by first appearance. */
export interface OriginGroups {
  /** The group of each row. */
  readonly groupOf: Int32Array;
  /** The label of each group: that of its first row. */
  readonly labels: Int32Array;
}

/** One group per origin. Flat arrays: an object for each of them takes ten times as long, and a search waits for it. */
export function groupByOrigin(labels: Int32Array, origins: Int32Array): OriginGroups {
  const groupOf = new Int32Array(labels.length);
  const labelOf = new Int32Array(labels.length);
  const known = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) {
    const origin = origins[row] as number;
    let group = known.get(origin);
    if (group === undefined) {
      group = known.size;
      known.set(origin, group);
      labelOf[group] = labels[row] as number;
    }
    groupOf[row] = group;
  }
  return { groupOf, labels: labelOf.subarray(0, known.size) };
}

/** The groups of each label; labels in order of first appearance, so that renaming classes changes nothing. */
export function groupsByLabel({ labels }: OriginGroups): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (let group = 0; group < labels.length; group++) {
    const label = labels[group] as number;
    const list = groups.get(label);
    if (list === undefined) groups.set(label, [group]);
    else list.push(group);
  }
  return groups;
}
