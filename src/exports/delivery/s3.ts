import { PassThrough } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { Config } from '../../config.ts';
import { SECOND } from '../../time.ts';
import { instantName, safeName } from '../writing/file-name.ts';
import type { Destination, Upload } from './destination.ts';
import { failureOfS3 } from './s3-failure.ts';

/** The settings of S3. */
export type S3Settings = Pick<
  Config,
  's3Endpoint' | 's3Region' | 's3AccessKey' | 's3SecretKey' | 's3Prefix' | 's3ForcePathStyle' | 's3Sse'
>;

/** Parts of an upload that are in memory at the same time, and their size. 10,000 parts are 80 GB. */
const PARTS_AT_ONCE = 2;
const PART_SIZE = 8 << 20;
const CONNECTION_TIMEOUT = 5 * SECOND;
/** A part of 8 MB takes less, also on a slow line. */
const REQUEST_TIMEOUT = 60 * SECOND;

/** The SDK is large, so it is loaded at the first use. */
function loadSdk() {
  return Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
}

/** The options of a client. Without keys, the SDK looks for credentials itself. */
function clientOptions(settings: S3Settings): S3ClientConfig {
  const {
    s3Endpoint: endpoint,
    s3Region: region,
    s3AccessKey: accessKeyId,
    s3SecretKey: secretAccessKey,
  } = settings;
  return {
    region,
    forcePathStyle: settings.s3ForcePathStyle === 'on',
    // Other servers than S3 do not know the checksums that the SDK adds of its own accord (aws-sdk-js-v3#6810).
    ...(endpoint !== undefined && {
      endpoint,
      requestChecksumCalculation: 'WHEN_REQUIRED' as const,
      responseChecksumValidation: 'WHEN_REQUIRED' as const,
    }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
  };
}

/** Objects in a bucket of S3, or of a server with the same API. */
export function s3Destination(settings: S3Settings, bucket: string): Destination {
  let opened: Promise<S3Client> | undefined;
  const client = () => {
    opened ??= loadSdk().then(([{ S3Client }]) => new S3Client(clientOptions(settings)));
    return opened;
  };
  const at = (path: string) => ({ Bucket: bucket, Key: path });
  const clearly = async <T>(act: (sdk: Awaited<ReturnType<typeof loadSdk>>, s3: S3Client) => Promise<T>) => {
    try {
      return await act(await loadSdk(), await client());
    } catch (error) {
      throw failureOfS3(error, bucket);
    }
  };
  return {
    folderOfJob: ({ jobId, request: { dataset, orgId, range } }) =>
      `${settings.s3Prefix}${dataset}/${safeName(orgId)}/${instantName(range.start)}_${instantName(range.end)}/${jobId}`,
    create: (path, contentType) =>
      clearly(async ([, { Upload: StorageUpload }], s3) => {
        const params = { ...at(path), ContentType: contentType, ...encryption(settings) };
        const body = new PassThrough({ highWaterMark: 1 << 20 });
        const upload = new StorageUpload({
          client: s3,
          params: { ...params, Body: body },
          queueSize: PARTS_AT_ONCE,
          partSize: PART_SIZE,
        });
        return uploadOf(upload, body, bucket);
      }),
    removeFolder: (path) =>
      clearly(async ([{ DeleteObjectCommand, ListObjectsV2Command }], s3) => {
        const { Contents = [] } = await s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${path}/` }),
        );
        for (const { Key } of Contents)
          if (Key) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }),
    uriOf: (folder) => `s3://${bucket}/${folder}/`,
    link: (path, { name, contentType }, ttl) =>
      clearly(async ([{ GetObjectCommand }, , { getSignedUrl }], s3) => {
        const response = {
          ResponseContentDisposition: `attachment; filename="${name}"`,
          ResponseContentType: contentType,
          ResponseCacheControl: 'private, no-store',
        };
        return getSignedUrl(s3, new GetObjectCommand({ ...at(path), ...response }), {
          expiresIn: ttl / SECOND,
        });
      }),
  };
}

/**
 * Looks whether a bucket answers with these credentials, and changes nothing.
 * @throws {ExportFailure} `delivery_refused` or `delivery_unavailable`
 */
export async function reachBucket(settings: S3Settings, bucket: string): Promise<void> {
  const [{ ListObjectsV2Command, S3Client }] = await loadSdk();
  const s3 = new S3Client({ ...clientOptions(settings), maxAttempts: 1 });
  try {
    await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: settings.s3Prefix, MaxKeys: 1 }));
  } catch (error) {
    throw failureOfS3(error, bucket);
  } finally {
    s3.destroy();
  }
}

function encryption({ s3Sse }: S3Settings) {
  return s3Sse === undefined ? {} : { ServerSideEncryption: s3Sse };
}

interface StorageUpload {
  done(): Promise<unknown>;
  abort(): Promise<void>;
}

function uploadOf(upload: StorageUpload, body: PassThrough, bucket: string): Upload {
  const done = upload.done().catch((error: unknown) => {
    const failure = failureOfS3(error, bucket);
    // Whoever writes has to learn of it.
    body.destroy(failure);
    throw failure;
  });
  done.catch(() => {});
  return {
    stream: body,
    finish: async () => void (await done),
    discard: async () => {
      body.destroy();
      await upload.abort().catch(() => {});
      await done.catch(() => {});
    },
  };
}
