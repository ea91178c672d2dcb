/** What the graph needs to know of a stage. */
export interface GraphStage {
  readonly name: string;
  readonly deps: Readonly<Record<string, { readonly kind: string; readonly stage?: string }>>;
}

/** Names of the stages a stage reads from, each once. */
export function upstreamOf(stage: GraphStage): string[] {
  const names = Object.values(stage.deps).flatMap((dep) => (dep.kind === 'out' && dep.stage ? [dep.stage] : []));
  return [...new Set(names)];
}

/** A loop of stages that wait for each other, its first stage repeated at the end; undefined when there is none. */
export function findCycle(stages: readonly GraphStage[]): string[] | undefined {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(name);
    if (start >= 0) return [...trail.slice(start), name];
    const stage = byName.get(name);
    if (stage === undefined || done.has(name)) return undefined;
    for (const upstream of upstreamOf(stage)) {
      const loop = visit(upstream, [...trail, name]);
      if (loop !== undefined) return loop;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of stages) {
    const loop = visit(name, []);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

/** Every stage after those it reads from, else in the order given. The graph has no cycle. */
export function orderStages<S extends GraphStage>(stages: readonly S[]): S[] {
  const waiting = [...stages];
  const placed = new Set<string>();
  const ordered: S[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex((stage) => upstreamOf(stage).every((name) => placed.has(name)));
    const [next] = waiting.splice(Math.max(index, 0), 1);
    if (next === undefined || index < 0) throw new Error('orderStages was given a cycle');
    placed.add(next.name);
    ordered.push(next);
  }
  return ordered;
}
