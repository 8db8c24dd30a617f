import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import type { Config } from '../config.ts';
import { reachBucket } from '../exports/delivery/s3.ts';
import { SECOND } from '../time.ts';
import { bad, type Check, type Finding, ok, warn } from './check.ts';
import { checkRabbitmq } from './rabbitmq-check.ts';

const CONNECT = 5 * SECOND;

/** Looks at the other servers that the settings name. Nothing is sent to anybody, and nothing costs. */
export function serverChecks(config: Config): Check[] {
  const checks: Check[] = [];
  const add = (name: string, advice: string, look: Check['look']) => checks.push({ name, advice, look });
  const { redisUrl, rabbitmqUrl, smtpUrl } = config;
  if (redisUrl)
    add('Redis', 'Check REDIS_URL. Without Redis each process caches for itself.', () => redis(redisUrl));
  if (rabbitmqUrl)
    add('RabbitMQ', 'Check RABBITMQ_URL, and the permissions of its user.', () =>
      checkRabbitmq(rabbitmqUrl, config),
    );
  if (smtpUrl)
    add('SMTP', 'Check SMTP_URL: the host, the port, the user and the password.', () => smtp(smtpUrl));
  for (const bucket of config.s3Bucket)
    add(`S3: ${bucket}`, 'Check S3_BUCKET, S3_ENDPOINT, S3_REGION and the access key.', async () => {
      await reachBucket(config, bucket);
      return ok('its files can be listed; whether they can be written is not tried');
    });
  return checks;
}

async function redis(url: string): Promise<Finding> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT,
    retryStrategy: () => null,
    disableClientInfo: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    // A cluster answers a ping, and refuses keys: those of other nodes, or all of them while slots are missing. A full
    // Redis refuses to write alone.
    const refused = await client.set('tidemark:doctor', '1', 'PX', 1).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (refused?.startsWith('OOM'))
      return bad(
        `it answers, and is full: ${refused}`,
        'Set maxmemory-policy to one that evicts, such as allkeys-lru.',
      );
    if (refused !== undefined)
      return bad(
        `it answers, and refuses to write a key: ${refused}`,
        'Use one Redis that is no cluster, and a user that may read and write keys that begin with tidemark:.',
      );
    const memory = await client.info('memory').catch(() => '');
    if (/^maxmemory:0\r?$/m.test(memory))
      return warn(
        'it answers, and has no limit of memory',
        'Set maxmemory, and maxmemory-policy allkeys-lru.',
      );
    return ok('it answers');
  } finally {
    client.disconnect();
  }
}

/** Connects and logs in, and sends no message. */
async function smtp(url: string): Promise<Finding> {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT,
    greetingTimeout: CONNECT,
    socketTimeout: CONNECT,
  });
  try {
    await transport.verify();
    const { username, protocol } = new URL(url);
    const found = `it accepts ${username === '' ? 'a connection without a user' : 'the user'}`;
    return ok(protocol === 'smtps:' ? `${found}, over TLS` : found);
  } finally {
    transport.close();
  }
}
