import { decodeCloudEvent, decodeCloudEventBatch } from './cloud-events.ts';
import type { DecodeBody } from './decoded-events.ts';
import { decodeJson } from './json.ts';
import { decodeNdjson } from './ndjson.ts';

/** The format of each content type that events are sent in. A new format is a file of its own and a line here. */
export const formatByContentType: Readonly<Record<string, DecodeBody>> = {
  'application/json': decodeJson,
  'application/x-ndjson': decodeNdjson,
  // Other names of the same format.
  'application/ndjson': decodeNdjson,
  'application/jsonl': decodeNdjson,
  'application/cloudevents+json': decodeCloudEvent,
  'application/cloudevents-batch+json': decodeCloudEventBatch,
};
