import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

export const EVENTS = '/analytics/v1/events';

/** A service, with what tests of sending events ask of it. */
export function useEventRequests() {
  const service = useService();
  return {
    service,
    send: (body: unknown, contentType = 'application/json', headers: Record<string, string> = {}) =>
      service.call(EVENTS, { body, headers: { 'content-type': contentType, ...headers } }),
    /** The rows that are stored under an id. */
    async stored(id: string) {
      const { rows } = await service.database.pool.query(
        'select org_id, type, correlation_id, attributes from analytics.events where event_id = $1',
        [id],
      );
      return rows;
    },
  };
}

/** The outcome of a body whose events are all stored. */
export function all(stored: number) {
  return { received: stored, stored, duplicates: 0, conflicts: 0, rejected: 0, errors: [] };
}

/** An event as a structured CloudEvent. */
export function cloudEvent({ eventId, orgId, occurredAt, ...data } = makeUsage()) {
  return {
    specversion: '1.0',
    id: eventId,
    source: '/gateway',
    type: 'usage',
    subject: orgId,
    time: occurredAt,
    data,
  };
}
