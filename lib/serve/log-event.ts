import type { FastifyBaseLogger } from 'fastify';
import { failureText } from '../domain/failure.ts';
import { assertNever } from '../util/assert-never.ts';
import type { ModelEvent } from './model-table.ts';

/** Writes what happens to versions into the log; inputs are in no line of it. */
export function logEvent(log: FastifyBaseLogger, event: ModelEvent): void {
  switch (event.type) {
    case 'loaded': {
      const { line, version, engine } = event.version;
      const ms = Math.round(event.ms);
      return log.info({ model: line, version, instead: event.instead, engine: engine.engine, ms }, 'version answers');
    }
    case 'refused': {
      const { line, version } = event.wanted;
      const problem = failureText(event.failure);
      return log.error({ model: line, version, kept: event.kept, problem }, 'version refused');
    }
    case 'died': {
      const { line, version } = event.wanted;
      return log.error({ model: line, version, problem: failureText(event.failure) }, 'version ended');
    }
    case 'retired':
      return log.info({ model: event.wanted.line, version: event.wanted.version }, 'version retired');
    case 'unreadable':
      return log.error({ problem: failureText(event.failure) }, 'registry cannot be read');
    default:
      return assertNever(event);
  }
}
