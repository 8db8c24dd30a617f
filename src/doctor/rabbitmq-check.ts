import type { Channel, Connection } from 'rabbitmq-client';
import type { Config } from '../config.ts';
import { closeChannel, closeRabbitmq, openRabbitmq } from '../ingestion/rabbitmq/connection.ts';
import { deadLettersOf } from '../ingestion/rabbitmq/dead-letters.ts';
import { codeOf, countMessages } from '../ingestion/rabbitmq/queues.ts';
import { createLog } from '../telemetry/log.ts';
import { SECOND } from '../time.ts';
import { bad, type Finding, ok, warn } from './check.ts';

const CONNECT = 5 * SECOND;
/** No broker has a queue of this type, so a declaration of it creates nothing. */
const OF_NO_TYPE: Record<string, string> = { 'x-queue-type': 'tidemark-doctor' };
/** Publications to the default exchange need the permission to write to this name. */
const DEFAULT_EXCHANGE = 'amq.default';

/** Looks whether the broker answers, and whether its user has the permissions that the service needs. Changes nothing. */
export async function checkRabbitmq(url: string, { rabbitmqStream }: Config): Promise<Finding> {
  const connection = openRabbitmq({ url, name: 'tidemark doctor', log: createLog({ level: 'silent' }) });
  try {
    await connection.onConnect(CONNECT);
    return await permissions(connection, url, rabbitmqStream);
  } finally {
    await closeRabbitmq(connection);
  }
}

async function permissions(connection: Connection, url: string, source: string): Promise<Finding> {
  const deadLetters = deadLettersOf(source);
  const messages = await existing(connection, source);
  const hasDeadLetters = (await existing(connection, deadLetters)) !== undefined;
  const absent = [...(messages === undefined ? [source] : []), ...(hasDeadLetters ? [] : [deadLetters])];
  const missing: string[] = [];
  // Configure is needed until both queues exist.
  for (const name of absent)
    if (await isRefused(connection, (channel) => declareNothing(channel, name)))
      missing.push(`configure ${name}`);
  if (await isRefused(connection, publishToNobody)) missing.push(`write to ${DEFAULT_EXCHANGE}`);
  // The dead letters come last: where reading is allowed, this probe of a quorum queue ends the connection.
  for (const name of [source, deadLetters])
    if (await isRefused(connection, (channel) => consumeNothing(channel, name))) missing.push(`read ${name}`);
  if (missing.length > 0)
    return bad(
      `it answers, and the user may not ${missing.join(', nor ')}`,
      `Run: ${grantCommand(url, source)} (it replaces the permissions that the user has on this virtual host).`,
    );
  return messages === undefined
    ? warn(
        `it answers, and ${source} does not exist`,
        'The first start of a process with the role ingest creates it.',
      )
    : ok(`it answers, the user has the permissions it needs, and ${source} has ${messages} messages`);
}

/** The number of messages of a queue; `undefined` if there is no such queue. */
async function existing(connection: Connection, name: string): Promise<number | undefined> {
  try {
    return await countMessages(connection, name);
  } catch (error) {
    if (codeOf(error) === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Tries something that a broker answers with an error even where it is allowed: it looks at permissions first.
 * @returns whether the permission is missing
 */
async function isRefused(
  connection: Connection,
  attempt: (channel: Channel) => Promise<unknown>,
): Promise<boolean> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  channel.on('error', () => {});
  try {
    await attempt(channel);
    return false;
  } catch (error) {
    const code = codeOf(error);
    if (['PRECONDITION_FAILED', 'NOT_IMPLEMENTED', 'NOT_FOUND'].includes(code)) return false;
    if (code === 'ACCESS_REFUSED') return true;
    throw error;
  } finally {
    await closeChannel(channel);
  }
}

function declareNothing(channel: Channel, queue: string): Promise<unknown> {
  return channel.queueDeclare({ queue, durable: true, arguments: OF_NO_TYPE });
}

/** No queue has this name, so the broker drops the message. */
async function publishToNobody(channel: Channel): Promise<void> {
  await channel.confirmSelect();
  await channel.basicPublish({ routingKey: `tidemark-doctor-${process.pid}-${Date.now()}` }, '');
}

/** Neither streams nor quorum queues have consumers with a limit for the whole channel, so nothing is delivered. */
async function consumeNothing(channel: Channel, queue: string): Promise<void> {
  await channel.basicQos({ prefetchCount: 1, global: true });
  await channel.basicConsume({ queue }, () => {});
}

/** The command that gives the user of the URL what docs/rabbitmq.md lists. */
function grantCommand(url: string, source: string): string {
  const { username, pathname } = new URL(url);
  const vhost = decodeURIComponent(pathname.split('/')[1] ?? '') || '/';
  const queues = `${source.replaceAll(/[^\w-]/g, '\\$&')}(\\.dead-letters)?`;
  const patterns = [`^${queues}$`, `^(amq\\.default|${queues})$`, `^${queues}$`];
  return ['rabbitmqctl set_permissions -p', vhost, decodeURIComponent(username) || 'guest', ...patterns]
    .map((word, index) => (index === 0 ? word : quoted(word)))
    .join(' ');
}

/** As one word of a shell. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
