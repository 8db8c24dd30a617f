import type { paths } from './schema.ts';

/** The JSON of an answer 200 to GET. */
export type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;
