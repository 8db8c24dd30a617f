import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import type { SharedCapacity } from '../../shares/capacity.ts';
import type { InFlightLimit } from '../../shares/in-flight-limit.ts';
import { actorOf } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its body takes of the memory for bodies; `null` on a route whose bodies are not counted. */
    bodyShare: BodyShare | null;
  }
}

/** What the bodies of all requests share. */
export interface BodyBounds {
  /** The bytes in memory at a time. */
  memory: SharedCapacity;
  /** The bytes that are parsed and whose events are not stored yet. */
  parsed: InFlightLimit;
}

/**
 * The bytes of bodies of one caller that are parsed and stored at a time, beside other callers: about 1,000 events, or one
 * body that is larger. The caller loses about a seventh of its rate by it. With four times as much, others wait twice as long.
 */
export const PARSED_BESIDE_OTHERS = 250_000;
/** A body of a few events, which never waits for others of its caller. */
const SMALL_BODY = 10_000;

/**
 * The memory that the body of one request takes from the share of its caller. It is given back when the connection has
 * the answer or closes, because the values parsed from the body live that long. Nothing is counted after that.
 */
export class BodyShare {
  readonly #bodies: SharedCapacity;
  readonly #parsed: InFlightLimit;
  readonly #owner: string;
  #held = 0;
  #endParsed: (() => void) | undefined;
  #isClosed = false;
  /** Called once, when the memory is given back: reading on would be in vain. */
  onClose: (() => void) | undefined;

  constructor({ memory, parsed }: BodyBounds, owner: string) {
    this.#bodies = memory;
    this.#parsed = parsed;
    this.#owner = owner;
  }

  /**
   * Counts bytes before they are kept.
   * @param expected bytes that are still to come; they must fit, but are not counted yet
   * @throws {CodedError} `overloaded`
   */
  hold(bytes: number, expected = 0): void {
    if (this.#isClosed || !this.#bodies.take(this.#owner, bytes, expected)) throw tooManyBytes();
    this.#held += bytes;
  }

  /**
   * Waits until a body of so many bytes may be parsed. It counts as parsed until the answer has been sent.
   * @returns whether the caller still waits for the answer
   */
  async mayParse(bytes: number): Promise<boolean> {
    if (bytes <= SMALL_BODY) this.#parsed.noteActive(this.#owner);
    else {
      const end = await this.#parsed.enter(this.#owner, bytes);
      if (this.#isClosed) end();
      else this.#endParsed = end;
    }
    return !this.#isClosed;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endParsed?.();
    if (this.#held > 0) this.#bodies.release(this.#owner, this.#held);
    this.onClose?.();
  }
}

/** Counts the bytes of bodies that these routes hold against the share of each caller. */
export function boundBodyMemory(routes: FastifyInstance, bodies: BodyBounds): void {
  routes.decorateRequest('bodyShare', null);
  routes.addHook('onRequest', (request, reply, done) => {
    const share = new BodyShare(bodies, shareOwnerOf(actorOf(request)));
    request.bodyShare = share;
    reply.raw.once('close', () => share.close());
    done();
  });
}

/** The share of a request on a route whose bodies are counted. */
export function bodyShareOf(request: FastifyRequest): BodyShare {
  if (request.bodyShare === null) throw new Error(`${request.routeOptions.url} does not count its bodies`);
  return request.bodyShare;
}

/** A body of this size must fit for the service to be ready. It is a batch of some hundred events. */
const ORDINARY_BODY_BYTES = 100_000;

/** The readiness of the memory for bodies: a caller that holds nothing could send a body now. */
export function checkBodies(bodies: SharedCapacity) {
  return {
    name: 'bodies',
    check: async () => {
      if (bodies.free < ORDINARY_BODY_BYTES)
        throw new Error(`bodies being read hold ${bodies.total} bytes; ${bodies.free} are free`);
    },
  };
}

function tooManyBytes(): CodedError {
  return new CodedError(
    'overloaded',
    'The bodies that you are sending take all the memory that you may use now. Wait for their answers, or try again in a second.',
    { retryAfterSeconds: 1 },
  );
}
