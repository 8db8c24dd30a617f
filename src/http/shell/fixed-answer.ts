import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isNamed, weakTagOfBytes } from './entity-tag.ts';

/** An answer that is the same for everybody. All callers share its buffers. */
interface FixedAnswer {
  plain: Buffer;
  gzipped: Buffer;
  tag: string;
}

/** The buffers of fixed answers: sending one again takes no more memory. */
const shared = new WeakSet<object>();

/** Whether a payload is a buffer that many answers share. */
export function isShared(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && shared.has(payload);
}

/**
 * Makes an answer when it is prepared or first used, and keeps it for every later one.
 * @param make returns its content; a failure is not kept
 */
export function fixedAnswer(make: () => string | Buffer | Promise<string | Buffer>) {
  let made: Promise<FixedAnswer> | undefined;
  const get = (): Promise<FixedAnswer> => {
    made ??= build(make).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return {
    /** Makes it ahead of its first use. */
    async prepare(): Promise<void> {
      await get();
    },
    /** Sends it, compressed if the caller accepts that, or 304 if the caller has it. */
    async send({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      const { plain, gzipped, tag } = await get();
      reply.header('etag', tag).header('vary', 'accept-encoding');
      if (reply.getHeader('cache-control') === 'no-store') reply.header('cache-control', 'no-cache');
      if (isNamed(tag, headers['if-none-match'])) return reply.removeHeader('content-type').code(304).send();
      if (!/\bgzip\b/.test(String(headers['accept-encoding']))) return reply.send(plain);
      return reply.header('content-encoding', 'gzip').send(gzipped);
    },
  };
}

async function build(make: () => string | Buffer | Promise<string | Buffer>): Promise<FixedAnswer> {
  const plain = Buffer.from(await make());
  const gzipped = await promisify(gzip)(plain);
  shared.add(plain).add(gzipped);
  return { plain, gzipped, tag: weakTagOfBytes(plain) };
}
