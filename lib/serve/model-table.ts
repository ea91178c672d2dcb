import type { Failure } from '../domain/failure.ts';
import { createLoadTime, type LoadTime } from './load-time.ts';
import type { OpenVersion, ServedVersion } from './served-version.ts';
import { openVersion } from './served-version.ts';
import type { VersionFeed, WantedVersion } from './version-feed.ts';

/** What happens to versions, for the log and the metrics. */
export type ModelEvent =
  | {
      readonly type: 'loaded';
      readonly version: ServedVersion;
      readonly ms: number;
      readonly instead: number | undefined;
    }
  | {
      readonly type: 'refused';
      readonly wanted: WantedVersion;
      readonly failure: Failure;
      readonly kept: number | undefined;
    }
  | { readonly type: 'died'; readonly wanted: WantedVersion; readonly failure: Failure }
  | { readonly type: 'retired'; readonly wanted: WantedVersion }
  | { readonly type: 'unreadable'; readonly failure: Failure };

/** A line of models, as far as the server has come with it. */
export interface LineState {
  readonly line: string;
  /** The version that answers. */
  readonly serving: ServedVersion | undefined;
  /** Why the version that is wanted does not answer. */
  readonly failure: Failure | undefined;
}

/** The version of each line that answers: it follows the registry, and never gives up one that answers for one that does not. */
export interface ModelTable {
  find(line: string): LineState | undefined;
  /** All lines, the one that answers where none is named first. */
  lines(): readonly LineState[];
  /** True when there is a line, and a version of every line answers. */
  isReady(): boolean;
  /** Looks at the registry and begins whatever follows from it. */
  follow(): void;
  /** Settles when nothing is being loaded. */
  settled(): Promise<void>;
  /** Gives up what has waited too long, and threads that do not answer any more or are not ready in time. */
  sweep(): void;
  /** Ends every thread at once. */
  kill(): void;
  /** Answers what was taken, then ends all. */
  close(): Promise<void>;
}

export interface ModelTableOptions extends Omit<OpenVersion, 'onDeath' | 'signal' | 'patience'> {
  readonly feed: VersionFeed;
  readonly onEvent: (event: ModelEvent) => void;
}

interface Line {
  readonly line: string;
  wanted: WantedVersion;
  serving: ServedVersion | undefined;
  /** The version that answered last: it answers again where its thread ended and what is wanted cannot be loaded. */
  proven: WantedVersion | undefined;
  failure: Failure | undefined;
  loading: Loading | undefined;
  servingSinceMs: number;
  /** Threads of it that ended by themselves, one soon after the other. */
  deaths: number;
  /** When a version that was refused, or whose thread ended, is tried again, and how long it is waited the next time. */
  retryAtMs: number;
  retryMs: number;
}

/** A version that is being loaded. */
interface Loading {
  readonly done: Promise<void>;
  readonly time: LoadTime;
  readonly giveUp: AbortController;
}

/** Milliseconds after which a version that was refused is tried again, at first and at most. */
const RETRY_MS = { first: 1000, most: 60_000 } as const;

/** A version that has answered for so many milliseconds is no worse for a thread that ended. */
const PROVEN_MS = 60_000;

/** Threads of a version that were killed and have not ended, from which on no more are begun: they hold memory until they do. */
const MOST_KILLED = 3;

export function createModelTable(options: ModelTableOptions): ModelTable {
  const { feed, clock, limits, killed, onEvent } = options;
  const lines = new Map<string, Line>();
  const retiring = new Map<ServedVersion, Promise<void>>();
  const stopped = new AbortController();
  let mark: string | number | undefined;
  let unreadable: string | undefined;
  let isClosed = false;

  const retire = (version: ServedVersion): void => {
    const gone = version.retire().then(() => {
      retiring.delete(version);
      onEvent({ type: 'retired', wanted: version });
    });
    retiring.set(version, gone);
  };

  const load = (line: Line, version: WantedVersion): void => {
    const { wanted } = line;
    const giveUp = new AbortController();
    const done = swap(line, version, giveUp.signal).then(() => {
      line.loading = undefined;
      const { serving, proven } = line;
      // Something else may have been wanted while this was loaded.
      if (line.wanted !== wanted) begin(line);
      else if (serving === undefined && proven !== undefined && !isSame(proven, version) && !isClosed) {
        load(line, proven);
      }
    });
    line.loading = { done, time: createLoadTime(clock), giveUp };
  };

  const swap = async (line: Line, wanted: WantedVersion, late: AbortSignal): Promise<void> => {
    const startedMs = clock.elapsed();
    const { wanted: asked } = line;
    const patience = { signal: late, ms: limits.loadMs };
    const opened = await openVersion(wanted, { ...options, onDeath, signal: stopped.signal, patience });
    const isWanted = isSame(line.wanted, wanted);
    if (!opened.ok) {
      if (isWanted) {
        line.failure = opened.failure;
        postpone(line);
      }
      return onEvent({ type: 'refused', wanted, failure: opened.failure, kept: line.serving?.version });
    }
    const version = opened.value;
    if (isClosed || !isSame(line.wanted, asked) || lines.get(line.line) !== line) return retire(version);
    const before = line.serving;
    line.serving = version;
    line.proven = wanted;
    if (isWanted) line.failure = undefined;
    line.servingSinceMs = clock.elapsed();
    onEvent({ type: 'loaded', version, ms: clock.elapsed() - startedMs, instead: before?.version });
    if (before !== undefined) retire(before);
  };

  const onDeath = (version: ServedVersion, failure: Failure): void => {
    const line = lines.get(version.line);
    onEvent({ type: 'died', wanted: version, failure });
    // One that another has taken the place of may have its number.
    if (line === undefined || line.serving !== version) return;
    line.serving = undefined;
    line.failure = failure;
    // One end may have any cause. A version whose threads end again and again must not keep the machine busy with it.
    const isRepeated = line.deaths > 0 && clock.elapsed() - line.servingSinceMs < PROVEN_MS;
    line.deaths = isRepeated ? line.deaths + 1 : 1;
    if (isRepeated) postpone(line);
    else begin(line);
  };

  const postpone = (line: Line): void => {
    line.retryAtMs = clock.elapsed() + line.retryMs;
    line.retryMs = Math.min(line.retryMs * 2, RETRY_MS.most);
  };

  /** Loads what is wanted, unless it answers already or something is being loaded. */
  const begin = (line: Line): void => {
    if (isClosed || line.loading !== undefined || isSame(line.serving, line.wanted)) return;
    if (killed.count(line.wanted.folder) >= MOST_KILLED) return;
    load(line, line.wanted);
  };

  const reconcile = (wanted: readonly WantedVersion[]): void => {
    const names = new Set(wanted.map(({ line }) => line));
    for (const [name, { serving }] of lines) {
      if (names.has(name)) continue;
      lines.delete(name);
      if (serving !== undefined) retire(serving);
    }
    for (const one of wanted) {
      const known = lines.get(one.line);
      if (known === undefined) lines.set(one.line, newLine(one));
      else if (!isSame(known.wanted, one)) {
        Object.assign(known, { wanted: one, failure: undefined, deaths: 0, retryAtMs: 0, retryMs: RETRY_MS.first });
      }
    }
    // The order is the feed's: the first line answers where none is named.
    for (const { line: name } of wanted) {
      const line = lines.get(name);
      if (line === undefined) continue;
      lines.delete(name);
      lines.set(name, line);
    }
  };

  const follow = (): void => {
    if (isClosed) return;
    const now = feed.mark();
    if (now !== mark) {
      const wanted = feed.wanted();
      if (!wanted.ok) {
        const told = JSON.stringify(wanted.failure);
        if (told !== unreadable) onEvent({ type: 'unreadable', failure: wanted.failure });
        unreadable = told;
        return;
      }
      unreadable = undefined;
      mark = now;
      reconcile(wanted.value);
    }
    for (const line of lines.values()) if (clock.elapsed() >= line.retryAtMs) begin(line);
  };

  const settled = async (): Promise<void> => {
    while ([...lines.values()].some(({ loading }) => loading !== undefined)) {
      await Promise.all([...lines.values()].map(({ loading }) => loading?.done));
    }
  };

  return {
    find: (line) => lines.get(line),
    lines: () => [...lines.values()],
    isReady: () => !isClosed && lines.size > 0 && [...lines.values()].every(({ serving }) => serving !== undefined),
    follow,
    settled,
    sweep: () => {
      const serving = [...lines.values()].flatMap((line) => line.serving ?? []);
      for (const version of [...serving, ...retiring.keys()]) {
        if (version.queue.sweep()) version.kill(`it did not answer within ${limits.timeoutMs} ms`);
      }
      for (const { loading } of lines.values()) {
        if (loading !== undefined && loading.time.look() >= limits.loadMs) loading.giveUp.abort();
      }
    },
    kill: () => {
      isClosed = true;
      stopped.abort();
    },
    close: async () => {
      isClosed = true;
      await settled();
      for (const { serving } of lines.values()) if (serving !== undefined) retire(serving);
      lines.clear();
      await Promise.all(retiring.values());
    },
  };
}

const newLine = (wanted: WantedVersion): Line => ({
  line: wanted.line,
  wanted,
  serving: undefined,
  proven: undefined,
  failure: undefined,
  loading: undefined,
  servingSinceMs: 0,
  deaths: 0,
  retryAtMs: 0,
  retryMs: RETRY_MS.first,
});

const isSame = (one: WantedVersion | undefined, other: WantedVersion): boolean =>
  one !== undefined && one.version === other.version && one.hash === other.hash && one.folder === other.folder;
