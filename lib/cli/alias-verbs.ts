import type { ExitCode } from '../domain/exit-code.ts';
import { type Failure, failureText } from '../domain/failure.ts';
import { CHAMPION } from '../registry/answers.ts';
import { findLine, findVersion } from '../registry/find-version.ts';
import { mendLinks, type Registry } from '../registry/mend.ts';
import { type Moved, type Mover, promote, removeAlias, rollBack } from '../registry/move-alias.ts';
import { writeFault } from '../runner/write-fault.ts';
import { ok, type Result } from '../util/result.ts';
import { actorName } from './actor.ts';
import type { CommonOptions, Io } from './io.ts';
import { withRegistry } from './with-registry.ts';

interface MoveOptions extends CommonOptions {
  /** A line of models; needed only where several have such a version. */
  readonly line?: string;
  readonly reason?: string;
}

const moverOf = ({ reason = '' }: MoveOptions, io: Io): Mover => ({
  actor: actorName(),
  at: io.clock.now(),
  // One line of the ledger, without what would move a terminal's cursor.
  reason: reason.replace(/[\s\p{Cc}]+/gu, ' ').trim() || 'no reason given',
});

/** `mlloop promote V`: points an alias, the champion when none is named, at a version. */
export function promoteVerb(
  what: string,
  options: MoveOptions & { readonly alias?: string },
  io: Io,
): Promise<ExitCode> {
  return withRegistry(options, io, async (registry) => {
    const found = findVersion(registry.log, what, options.line);
    if (!found.ok) return found;
    const alias = options.alias ?? CHAMPION;
    return told(registry, io, await promote(registry, found.value, { ...moverOf(options, io), alias }));
  });
}

/** `mlloop rollback`: points the champion back at the version before it, or at a named one that was live. */
export function rollbackVerb(options: MoveOptions & { readonly to?: string }, io: Io): Promise<ExitCode> {
  return withRegistry(options, io, async (registry) => {
    const { log } = registry;
    const line = findLine(log, CHAMPION, options.line);
    if (!line.ok) return line;
    const to = options.to === undefined ? undefined : findVersion(log, options.to, line.value);
    if (to?.ok === false) return to;
    const mover = { ...moverOf(options, io), to: to?.value };
    return told(registry, io, await rollBack(registry, line.value, mover));
  });
}

/** `mlloop unalias A`: takes a name of one's own away. */
export function unaliasVerb(alias: string, options: MoveOptions, io: Io): Promise<ExitCode> {
  return withRegistry(options, io, (registry) => {
    const line = findLine(registry.log, alias, options.line);
    if (!line.ok) return line;
    const removed = removeAlias(registry, line.value, { ...moverOf(options, io), alias });
    if (!removed.ok) return removed;
    show(registry, io);
    return ok(`${line.value} has no ${alias} any more (it was v${removed.value.from}).\n`);
  });
}

function told(registry: Registry, io: Io, moved: Result<Moved, Failure>): Result<string, Failure> {
  if (!moved.ok) return moved;
  const { line, alias, from, to } = moved.value;
  show(registry, io);
  if (from === to) return ok(`${line} v${to} is ${alias} already; nothing was moved.\n`);
  return ok(`${line} v${to} is ${alias} now${from === null ? '' : ` (it was v${from})`}.\n`);
}

/** The log has the move by now, and decides: a link that cannot be made is no failure. */
function show(registry: Registry, io: Io): void {
  try {
    mendLinks(registry);
  } catch (error) {
    io.stderr(`The log has the move; the link for people could not be made, and the next run mends it.\n`);
    io.stderr(`${failureText(writeFault(error, registry.state))}\n`);
  }
}
