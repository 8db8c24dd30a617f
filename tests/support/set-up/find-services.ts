import { connect } from 'node:net';

const PATIENCE_MS = 2_000;

/** A service that only some tests need. */
interface OptionalService {
  name: string;
  variable: string;
  defaultUrl: string;
  defaultPort: number;
  /** A request and the beginning of its answer, to tell the service from others on its usual port. */
  hello: string;
  reply: RegExp;
}

export const redis: OptionalService = {
  name: 'Redis',
  variable: 'TEST_REDIS_URL',
  defaultUrl: 'redis://127.0.0.1:6379',
  defaultPort: 6379,
  hello: 'PING\r\n',
  reply: /^\+PONG/,
};

export const rabbitmq: OptionalService = {
  name: 'RabbitMQ',
  variable: 'TEST_RABBITMQ_URL',
  defaultUrl: 'amqp://127.0.0.1:5672',
  defaultPort: 5672,
  // The AMQP 0-9-1 protocol header; a broker answers with its first frame on channel 0.
  hello: 'AMQP\0\0\x09\x01',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: frame type 1 (method), channel 0, as on the wire
  reply: /^\x01\0\0/,
};

function answers(service: OptionalService, url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: port === '' ? service.defaultPort : Number(port) });
    const finish = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(PATIENCE_MS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('connect', () => socket.write(service.hello, 'latin1'));
    socket.once('data', (reply) => finish(service.reply.test(reply.toString('latin1'))));
  });
}

/**
 * The URL of the service: that of its variable unchecked, or its usual address if it answers there, or
 * `undefined`.
 */
export async function findService(
  service: OptionalService,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const given = env[service.variable];
  if (given) return given;
  return (await answers(service, service.defaultUrl)) ? service.defaultUrl : undefined;
}
