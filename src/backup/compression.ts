import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { CodedError } from '../errors.ts';
import type { BackupHeader } from './format.ts';

type Compression = BackupHeader['compression'];

const CHUNK = 256 * 1_024;

/** zstd where Node has it (22.15 and later), because it takes a third of the time of gzip. */
export function bestCompression(): Compression {
  return 'createZstdCompress' in zlib ? 'zstd' : 'gzip';
}

export function compressor(compression: Compression): Transform {
  return compression === 'zstd'
    ? zlib.createZstdCompress({ chunkSize: CHUNK })
    : zlib.createGzip({ level: 1, chunkSize: CHUNK });
}

/** @throws {CodedError} `invalid_request` when this Node cannot read zstd */
export function decompressor(compression: Compression): Transform {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: CHUNK });
  if (bestCompression() !== 'zstd')
    throw new CodedError(
      'invalid_request',
      `the backup is compressed with zstd, which Node ${process.version} cannot read; use Node 22.15 or later`,
    );
  return zlib.createZstdDecompress({ chunkSize: CHUNK });
}
