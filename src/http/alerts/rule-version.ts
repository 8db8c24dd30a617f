import type { FastifyRequest } from 'fastify';
import { refuse } from '../../errors.ts';

export function etagOf({ version }: { version: number }): string {
  return `"${version}"`;
}

/**
 * The version in `If-Match`, which the rule must still have; `undefined` if any version will do.
 * @throws {CodedError} `invalid_request`
 */
export function expectedVersion(request: FastifyRequest): number | undefined {
  const given = request.headers['if-match'];
  if (given === undefined || given === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(given)?.[1];
  if (version !== undefined) return Number(version);
  throw refuse('In the headers', [
    { path: 'If-Match', message: 'must be the ETag of the rule, such as "3"' },
  ]);
}
