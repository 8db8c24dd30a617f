import { ExportFailure } from '../failure.ts';

/** What somebody has to mend in S3 or in the settings. */
const REFUSALS: Readonly<Record<string, string>> = {
  AccessDenied: 'these credentials may not do this; check the rights of S3_ACCESS_KEY',
  InvalidAccessKeyId: 'the access key is not known there; check S3_ACCESS_KEY',
  SignatureDoesNotMatch: 'the secret key is not the one of the access key; check S3_SECRET_KEY',
  ExpiredToken: 'the credentials have expired',
  NoSuchBucket: 'there is no such bucket; check S3_BUCKET',
  CredentialsProviderError: 'there are no credentials; set S3_ACCESS_KEY and S3_SECRET_KEY',
  PermanentRedirect: 'the bucket is in another region; check S3_REGION',
};

interface S3Error {
  name?: string;
  Code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** An error of S3, for whoever asked for the export. */
export function failureOfS3(error: unknown, bucket: string): ExportFailure {
  if (error instanceof ExportFailure) return error;
  const { name = '', Code = '', message = '', $metadata } = error as S3Error;
  const reason = REFUSALS[name] ?? REFUSALS[Code];
  const status = $metadata?.httpStatusCode ?? 0;
  if (reason !== undefined || (status >= 400 && status < 500)) {
    const refusal = `S3 refused the bucket ${bucket}: ${reason ?? `${name} ${message}`.trim()}`;
    return new ExportFailure('delivery_refused', refusal, { retryable: true, cause: error });
  }
  const failure = `S3 did not take the files for the bucket ${bucket}: ${`${name} ${message}`.trim()}`;
  return new ExportFailure('delivery_unavailable', failure, { retryable: true, cause: error });
}
