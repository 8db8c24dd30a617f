/** The thread that loads Scalar's browser bundle. It answers with the bytes of the bundle. */
import { parentPort } from 'node:worker_threads';
import scalar from '@scalar/fastify-api-reference';
import { fastify } from 'fastify';

const source = fastify();
await source.register(scalar, { routePrefix: '/', configuration: { url: '/openapi.json' } });
const { rawPayload } = await source.inject('/js/scalar.js');
await source.close();
parentPort?.postMessage(rawPayload);
