import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { CodedError } from '../../errors.ts';
import { bodyTooLarge } from './problem.ts';

interface ReadBodyOptions {
  /** Most bytes the body may have, once decompressed. */
  limit: number;
  /**
   * Counts bytes as held, before they are kept. Throws when there is no room for them, or would not be for
   * those still expected.
   */
  hold(bytes: number, expected?: number): void;
}

const DECODERS: Record<string, (() => Transform) | undefined> = {
  identity: undefined,
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
};

/**
 * Reads a body whole, decompressing it on the way and stopping at the limit, so that a small body cannot
 * become a large one in memory.
 * @throws {CodedError} `too_large`, `unsupported_media_type`, `invalid_request`, or what `hold` throws
 */
export async function readBody(
  payload: Readable,
  headers: IncomingHttpHeaders,
  { limit, hold }: ReadBodyOptions,
): Promise<Buffer> {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (!Object.hasOwn(DECODERS, encoding)) {
    const message = `must be one of ${Object.keys(DECODERS).join(', ')}`;
    throw new CodedError('unsupported_media_type', `Content-Encoding ${message}.`, {
      faults: [{ path: 'content-encoding', message }],
    });
  }
  if (Number(headers['content-length']) > limit) throw bodyTooLarge(limit);

  const decoder = DECODERS[encoding]?.();
  // One buffer of the right size from the start, where that is known, needs half the memory of gathering pieces.
  const expected = decoder ? 0 : Math.min(Number(headers['content-length'] ?? 0), limit);
  hold(0, expected);
  const source: Readable = decoder ? payload.pipe(decoder) : payload;
  return new Promise((resolve, reject) => {
    let body: Buffer = Buffer.allocUnsafeSlow(expected);
    let size = 0;

    const stop = (error: CodedError) => {
      source.off('data', keep);
      // What still arrives is thrown away, so that the caller gets to read the answer.
      if (decoder) payload.unpipe(decoder);
      decoder?.destroy();
      payload.resume();
      reject(error);
    };
    const keep = (piece: Buffer) => {
      if (size + piece.length > limit)
        return stop(bodyTooLarge(limit, { isCompressed: decoder !== undefined }));
      try {
        hold(piece.length);
      } catch (error) {
        return stop(error as CodedError);
      }
      if (size + piece.length > body.length)
        body = grown(body, size, Math.min(limit, 2 * (size + piece.length)));
      size += piece.copy(body, size);
    };

    source.on('data', keep);
    source.once('end', () => resolve(body.subarray(0, size)));
    decoder?.once('error', (cause) => stop(notDecoded(encoding, cause)));
    payload.once('error', (cause) => stop(bodyCutOff(headers, cause)));
  });
}

function notDecoded(encoding: string, cause: NodeJS.ErrnoException): CodedError {
  const isCut = cause.code === 'Z_BUF_ERROR';
  return new CodedError(
    'invalid_request',
    isCut ? `The body ends before its ${encoding} data does.` : `The body is not valid ${encoding}.`,
    {
      cause,
      faults: [
        {
          path: '$',
          message: isCut ? 'must be whole' : `must be compressed by ${encoding}, as Content-Encoding says`,
        },
      ],
    },
  );
}

/** The error for a body whose sender went away before it was whole. */
export function bodyCutOff(headers: IncomingHttpHeaders, cause?: unknown): CodedError {
  const length = headers['content-length'];
  const message =
    length === undefined
      ? 'must end with an empty chunk, as Transfer-Encoding says'
      : `must be ${length} bytes long, as Content-Length says`;
  return new CodedError('invalid_request', 'The body ended before it was whole.', {
    cause,
    faults: [{ path: '$', message }],
  });
}

/** A buffer of another length that starts with the first `size` bytes of this one. */
function grown(buffer: Buffer, size: number, length: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(length);
  buffer.copy(larger, 0, 0, size);
  return larger;
}
