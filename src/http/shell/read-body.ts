import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { CodedError } from '../../errors.ts';
import { SECOND } from '../../time.ts';
import { AnyDeflate } from './any-deflate.ts';
import type { BodyShare } from './body-memory.ts';
import { bodyTooLarge } from './problem.ts';

interface ReadBodyOptions {
  /** The most bytes of the body, after decompression. */
  limit: number;
  /** Counts the bytes before they are kept. */
  share: BodyShare;
}

/** 16 MB hold the largest body. A body may ask for a window of 128 MB otherwise. */
const ZSTD_WINDOW_LOG = 24;
/** A body of which no byte arrives for so long is cut off, because it holds memory meanwhile. */
const LONGEST_PAUSE = 5 * SECOND;

/** A body that arrives as one piece of this size is used as it is. The piece keeps a buffer of 64 kB alive meanwhile. */
const SMALL_PIECE = 16_384;
const NOTHING = Buffer.alloc(0);

const DECODERS: Record<string, (() => Transform) | undefined> = {
  identity: undefined,
  gzip: () => createGunzip(),
  deflate: () => new AnyDeflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
  'x-gzip': () => createGunzip(),
};

/**
 * Reads and decompresses a whole body. It stops at the limit, so that a small compressed body cannot fill the memory.
 * @throws {CodedError} `too_large`, `unsupported_media_type`, `invalid_request`, `request_timeout`, or what `share.hold` throws
 */
export async function readBody(
  payload: Readable,
  headers: IncomingHttpHeaders,
  { limit, share }: ReadBodyOptions,
): Promise<Buffer> {
  const encoding = encodingOf(headers);
  if (Number(headers['content-length']) > limit) throw bodyTooLarge(limit);

  const decoder = DECODERS[encoding]?.();
  // If the size is known, one buffer of that size needs half the memory of collecting pieces.
  const expected = decoder ? 0 : Math.min(Number(headers['content-length'] ?? 0), limit);
  share.hold(0, expected);
  const source: Readable = decoder ? payload.pipe(decoder) : payload;
  return new Promise((resolve, reject) => {
    let body: Buffer = NOTHING;
    let size = 0;

    const settle = () => {
      clearTimeout(paused);
      payload.off('data', goOn);
      share.onClose = undefined;
    };
    const stop = (error: CodedError) => {
      settle();
      // The answer may wait until the rest of the body has been dropped. That needs no memory.
      share.close();
      source.off('data', keep);
      // The rest is read and dropped, because a caller that still writes would not read the answer.
      if (decoder) payload.unpipe(decoder);
      decoder?.destroy();
      payload.resume();
      reject(error);
    };
    const keep = (piece: Buffer) => {
      if (size + piece.length > limit)
        return stop(bodyTooLarge(limit, { isCompressed: decoder !== undefined }));
      try {
        share.hold(piece.length);
      } catch (error) {
        return stop(error as CodedError);
      }
      const needed = size + piece.length;
      if (needed === expected && piece.length === expected && needed <= SMALL_PIECE) body = piece;
      else {
        if (needed > body.length)
          body = grown(body, size, needed <= expected ? expected : Math.min(limit, 2 * needed));
        piece.copy(body, size);
      }
      size = needed;
    };

    const paused = setTimeout(() => stop(bodyPaused()), LONGEST_PAUSE);
    const goOn = () => void paused.refresh();
    const leave = () => stop(bodyCutOff(headers));
    share.onClose = leave;
    payload.on('data', goOn);
    source.on('data', keep);
    source.once('end', () => {
      settle();
      resolve(body.subarray(0, size));
    });
    decoder?.once('error', (cause) => stop(notDecoded(encoding, cause)));
    payload.once('error', (cause) => stop(bodyCutOff(headers, cause)));
  });
}

/** @throws {CodedError} `unsupported_media_type` for one that is not known */
function encodingOf(headers: IncomingHttpHeaders): string {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (Object.hasOwn(DECODERS, encoding)) return encoding;
  const message = `must be one of ${Object.keys(DECODERS).join(', ')}`;
  throw new CodedError('unsupported_media_type', `Content-Encoding ${message}.`, {
    faults: [{ path: 'content-encoding', message }],
  });
}

function notDecoded(encoding: string, cause: NodeJS.ErrnoException): CodedError {
  const isCut = cause.code === 'Z_BUF_ERROR';
  return new CodedError(
    'invalid_request',
    isCut ? `The body ends before its ${encoding} data is complete.` : `The body is not valid ${encoding}.`,
    {
      cause,
      faults: [
        {
          path: '$',
          message: isCut ? 'must be complete' : `must be compressed by ${encoding}, as Content-Encoding says`,
        },
      ],
    },
  );
}

function bodyPaused(): CodedError {
  const time = `${LONGEST_PAUSE / SECOND} s`;
  return new CodedError('request_timeout', `No byte of the body arrived for ${time}.`, {
    faults: [{ path: '$', message: `must arrive without a pause of ${time}` }],
  });
}

/** The error for a body whose sender stopped before it was complete. */
export function bodyCutOff(headers: IncomingHttpHeaders, cause?: unknown): CodedError {
  const length = headers['content-length'];
  const message =
    length === undefined
      ? 'must end with an empty chunk, as Transfer-Encoding says'
      : `must be ${length} bytes long, as Content-Length says`;
  return new CodedError('invalid_request', 'The body ended before it was complete.', {
    cause,
    faults: [{ path: '$', message }],
  });
}

/** A buffer of the new length with the first `size` bytes of this one. */
function grown(buffer: Buffer, size: number, length: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(length);
  buffer.copy(larger, 0, 0, size);
  return larger;
}
