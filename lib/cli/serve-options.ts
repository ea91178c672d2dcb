import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_LIMITS } from '../serve/limits.ts';
import type { ServeOptions } from './serve-verb.ts';

/** Where servers of this protocol listen, when nobody says otherwise. */
const PORT = 8080;

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'];

const within =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
  };

const MOST = 2 ** 31 - 1;

/** The verb `serve` with its options, whose defaults `--help` shows. */
export function defineServe(
  verb: (name: string, description: string) => Command,
  serve: (options: ServeOptions) => Promise<void>,
): void {
  const limit = (flag: string, description: string, value: number, least = 1): Option =>
    new Option(flag, description).argParser(within(least, MOST)).default(value);
  verb('serve', 'answer over HTTP with the champion, and follow it (Open Inference Protocol, version 2)')
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <n>', 'the port to listen on; 0 takes any that is free')
        .argParser(within(0, 65_535))
        .default(PORT),
    )
    .option('--alias <name>', 'serve the versions behind this alias', 'champion')
    .option('--line <name>', 'the line of models to serve (default: the pipeline’s own)')
    .option('--token-file <file>', 'a file with the token that feedback needs (default: $MLLOOP_TOKEN)')
    .addOption(
      limit('--deadline <ms>', 'shed a request that could not be answered within this', DEFAULT_LIMITS.deadlineMs),
    )
    .addOption(limit('--queue-rows <n>', 'rows that may wait for one version', DEFAULT_LIMITS.queueRows))
    .addOption(limit('--batch-rows <n>', 'rows answered in one go', DEFAULT_LIMITS.batchRows))
    .addOption(limit('--max-body <bytes>', 'largest body of a request', DEFAULT_LIMITS.maxBodyBytes))
    .addOption(limit('--receive <ms>', 'time a client may take to send a request', DEFAULT_LIMITS.receiveMs))
    .addOption(limit('--timeout <ms>', 'give a request up that is not answered by then', DEFAULT_LIMITS.timeoutMs))
    .addOption(limit('--load <ms>', 'give a version up that is not loaded by then', DEFAULT_LIMITS.loadMs))
    .addOption(limit('--poll <ms>', 'time between two looks at the registry', DEFAULT_LIMITS.pollMs))
    .addOption(
      limit('--drain <ms>', 'go on answering for this long after it is not ready any more', DEFAULT_LIMITS.drainMs, 0),
    )
    .addOption(limit('--grace <ms>', 'time to finish requests in when it stops', DEFAULT_LIMITS.graceMs))
    .addOption(
      new Option('--log-level <level>', 'what is logged on stdout, as JSON lines; debug has every request')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .action(serve);
}
