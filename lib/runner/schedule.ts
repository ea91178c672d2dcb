/** Something to be done after others. */
export interface Item {
  readonly name: string;
  /** Names of the items that have to end first; those that are not in the schedule have ended already. */
  readonly needs: readonly string[];
  /** Items of one mutex are never done side by side. */
  readonly mutex: string | undefined;
}

/** How an item's turn goes on: it is over at once, or takes a place until it ends. */
export type Turn<R> = { readonly ended: R } | { readonly execute: () => Promise<R> };

export interface Schedule<I extends Item, R> {
  readonly items: readonly I[];
  /** How many items may be executed at once. */
  readonly jobs: number;
  /** The order in which those that can begin do. */
  readonly order: (items: readonly I[]) => readonly I[];
  /** Decides what an item's turn comes to; called when it can be executed right away. */
  readonly begin: (item: I, results: ReadonlyMap<string, R>) => Promise<Turn<R>>;
  /** Whether nothing may begin any more; what is being executed is waited for. */
  readonly isStopped: (results: ReadonlyMap<string, R>) => boolean;
  /** The result of an item that never began. */
  readonly notBegun: (item: I, results: ReadonlyMap<string, R>) => R;
}

/**
 * Gives every item its turn once all it needs has ended. The results are in the order items ended in. What a turn throws is
 * thrown on when nothing is being executed any more.
 */
export async function runSchedule<I extends Item, R>(schedule: Schedule<I, R>): Promise<ReadonlyMap<string, R>> {
  const { jobs, order, begin, notBegun } = schedule;
  const results = new Map<string, R>();
  const waiting = new Map(schedule.items.map((item) => [item.name, item]));
  const running = new Map<string, { readonly item: I; readonly end: Promise<void> }>();
  const thrown: unknown[] = [];
  const isStopped = (): boolean => thrown.length > 0 || schedule.isStopped(results);
  const canBegin = ({ needs, mutex }: I): boolean =>
    !needs.some((name) => waiting.has(name) || running.has(name)) &&
    (mutex === undefined || ![...running.values()].some(({ item }) => item.mutex === mutex));
  const start = (item: I, execute: () => Promise<R>): void => {
    const end = execute()
      .then((result) => void results.set(item.name, result))
      .catch((error: unknown) => void thrown.push(error))
      .finally(() => running.delete(item.name));
    running.set(item.name, { item, end });
  };
  /** Begins what can begin; says whether anything ended by that, so that more may be ready. */
  const beginReady = async (): Promise<boolean> => {
    let hasEnded = false;
    for (const item of order([...waiting.values()])) {
      if (running.size >= jobs || isStopped()) return hasEnded;
      if (!canBegin(item)) continue;
      const turn = await begin(item, results);
      waiting.delete(item.name);
      if ('execute' in turn) start(item, turn.execute);
      else {
        results.set(item.name, turn.ended);
        hasEnded = true;
      }
    }
    return hasEnded;
  };
  while (waiting.size > 0 || running.size > 0) {
    try {
      if (!isStopped() && (await beginReady())) continue;
    } catch (error) {
      thrown.push(error);
    }
    if (running.size === 0) break;
    await Promise.race([...running.values()].map(({ end }) => end));
  }
  if (thrown.length > 0) throw thrown[0];
  for (const item of waiting.values()) results.set(item.name, notBegun(item, results));
  return results;
}
