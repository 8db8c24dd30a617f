import type { Actor } from './actor.ts';

/** The actor of a request, with the route and the request id that the audit log keeps. */
export interface Caller {
  actor: Actor;
  /** Method and pattern of the route. */
  route: string;
  requestId: string;
}

/** The orgs that a question or a change covers: those listed, or all. */
export type OrgScope = readonly string[] | 'all';
