import type { Config } from '../../config.ts';
import { CodedError, refuseField } from '../../errors.ts';
import type { ExportDelivery } from '../request.ts';
import type { Destination } from './destination.ts';
import { exportFolder } from './export-folder.ts';
import { localDestination } from './local.ts';
import { type S3Settings, s3Destination } from './s3.ts';

/** The destinations that the settings allow. */
export interface Destinations {
  /** The delivery that a request asks for, with its bucket. @throws {CodedError} `invalid_request` */
  choose(wanted: { type: ExportDelivery['type']; bucket?: string }): ExportDelivery;
  /** @throws {CodedError} `unavailable` if the bucket is no longer one of the settings */
  of(delivery: ExportDelivery): Destination;
}

type DestinationSettings = S3Settings & Pick<Config, 's3Bucket' | 'exportDir' | 'dataDir'>;

export function createDestinations(settings: DestinationSettings): Destinations {
  const { s3Bucket: buckets } = settings;
  const local = localDestination(exportFolder(settings));
  const byBucket = new Map(buckets.map((bucket) => [bucket, s3Destination(settings, bucket)]));
  return {
    choose({ type, bucket = buckets[0] }) {
      if (type === 'local') return { type };
      if (buckets.length === 0 || bucket === undefined)
        throw refuseField(
          '$.delivery.type',
          'cannot be s3: no bucket is configured, as the operator has not set S3_BUCKET; use local',
        );
      if (byBucket.has(bucket)) return { type, bucket };
      throw refuseField('$.delivery.bucket', `must be a bucket of this service: ${buckets.join(', ')}`);
    },
    of(delivery) {
      if (delivery.type === 'local') return local;
      const destination = byBucket.get(delivery.bucket);
      if (destination) return destination;
      throw new CodedError('unavailable', `The bucket ${delivery.bucket} is no longer one of S3_BUCKET.`);
    },
  };
}
