import type { Actor } from './actor.ts';

/** The actor of a request or command, with the route and the request id for the audit log. */
export interface Caller {
  actor: Actor;
  /** Method and pattern of the route, or the name of the command. */
  route: string;
  requestId: string;
}

/** The orgs that a query or a change covers: those listed, or all. */
export type OrgScope = readonly string[] | 'all';
