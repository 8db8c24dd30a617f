import { Command, Option } from 'commander';
import type { Connection } from 'rabbitmq-client';
import { type Config, loadConfig } from '../../config.ts';
import { CodedError } from '../../errors.ts';
import { closeRabbitmq, openRabbitmq } from '../../ingestion/rabbitmq/connection.ts';
import type { DeadLetter } from '../../ingestion/rabbitmq/dead-letter.ts';
import {
  dropDeadLetters,
  replayDeadLetters,
  type Selection,
  visitDeadLetters,
} from '../../ingestion/rabbitmq/dead-letters.ts';
import { wholeNumber } from '../../setting.ts';
import { createLog } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';
import { readAs } from '../read-as.ts';
import { reportFailure } from '../report-failure.ts';
import { formatNumber } from '../table.ts';

interface ListFlags {
  limit: number;
  json: boolean;
}

interface SelectFlags {
  all: boolean;
}

const CONNECT_TIMEOUT = 5 * SECOND;
const MAX_BODY_CHARACTERS = 200;

const readLimit = readAs(wholeNumber(1, 1_000_000));

/** `tidemark dead-letters`: shows, replays or drops messages from RabbitMQ that could not be stored. */
export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('messages from RabbitMQ that could not be stored')
    .addCommand(
      new Command('list')
        .description('show dead letters and their reasons, roughly in order of arrival')
        .addOption(new Option('--limit <number>', 'maximum number to show').argParser(readLimit).default(100))
        .option('--json', 'print one JSON object a line, with the whole message', false)
        .action((flags: ListFlags) => onBroker((connection, source) => list(connection, source, flags))),
    )
    .addCommand(
      new Command('replay')
        .description('send dead letters to their stream or queue again')
        .argument('[id...]', 'ids from `tidemark dead-letters list`')
        .option('--all', 'all current dead letters', false)
        .action((ids: string[], flags: SelectFlags) =>
          onBroker(async (connection, source) => {
            report(await replayDeadLetters(connection, source, selectionOf(ids, flags)), ids, 'sent again');
          }),
        ),
    )
    .addCommand(
      new Command('drop')
        .description('delete dead letters')
        .argument('[id...]', 'ids from `tidemark dead-letters list`')
        .option('--all', 'all current dead letters', false)
        .action((ids: string[], flags: SelectFlags) =>
          onBroker(async (connection, source) => {
            report(await dropDeadLetters(connection, source, selectionOf(ids, flags)), ids, 'deleted');
          }),
        ),
    );
}

/** Runs `work` with the broker of RABBITMQ_URL and the stream or queue of RABBITMQ_STREAM. Reports a failure. */
async function onBroker(work: (connection: Connection, source: string) => Promise<void>): Promise<void> {
  try {
    const config = loadConfig(process.env);
    const connection = await connect(config);
    try {
      await work(connection, config.rabbitmqStream);
    } finally {
      await closeRabbitmq(connection);
    }
  } catch (error) {
    reportFailure(error);
  }
}

async function connect({ rabbitmqUrl, logLevel }: Config): Promise<Connection> {
  if (rabbitmqUrl === undefined)
    throw new CodedError('invalid_request', 'RABBITMQ_URL is not set; set it to the URL of your RabbitMQ');
  const log = createLog({ level: process.env.LOG_LEVEL ? logLevel : 'error', destination: process.stderr });
  const connection = openRabbitmq({ url: rabbitmqUrl, name: 'tidemark dead-letters', log });
  try {
    await connection.onConnect(CONNECT_TIMEOUT);
    return connection;
  } catch (error) {
    const { cause } = error as Error;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    throw new CodedError('unavailable', `RabbitMQ cannot be reached${reason}`, { cause: error });
  }
}

function selectionOf(ids: readonly string[], { all }: SelectFlags): Selection {
  if (all === ids.length > 0)
    throw new CodedError('invalid_request', 'give either the ids of dead letters or --all');
  return all ? 'all' : new Set(ids);
}

/** @throws {CodedError} `not_found` when some of the named ids do not exist */
function report(done: readonly string[], named: readonly string[], what: string): void {
  process.stdout.write(`\n  ${formatNumber(done.length)} ${what}.\n\n`);
  const missing = named.filter((id) => !done.includes(id));
  if (missing.length > 0) throw new CodedError('not_found', `there is no dead letter ${missing.join(', ')}`);
}

async function list(connection: Connection, source: string, { limit, json }: ListFlags): Promise<void> {
  let count = 0;
  await visitDeadLetters(connection, source, limit, (letter) => {
    process.stdout.write(json ? `${JSON.stringify(letter)}\n` : describe(letter));
    count++;
  });
  if (count === 0 && !json) process.stdout.write('\n  There are no dead letters.\n\n');
}

function describe({ id, source, reason, at, offset, index, body }: DeadLetter): string {
  const place = [
    ...(offset === undefined ? [] : [`offset ${offset}`]),
    ...(index === undefined ? [] : [`event ${index + 1}`]),
  ].join(', ');
  const line = body.replace(/\s+/g, ' ');
  const shown = line.length > MAX_BODY_CHARACTERS ? `${line.slice(0, MAX_BODY_CHARACTERS)}…` : line;
  return `\n  ${id}  ${at}  ${source}${place && ` (${place})`}\n    ${reason}\n    ${shown}\n`;
}
