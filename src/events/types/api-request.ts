import type { EventType } from '../event-type.ts';
import { integer, milliseconds, text } from '../field.ts';
import { labels } from '../labels.ts';

function statusClass(code: number): string {
  if (code >= 500) return 'error';
  return code >= 400 ? 'client_error' : 'success';
}

export const apiRequest: EventType = {
  type: 'api_request',
  title: 'API request',
  about:
    'One HTTP request to the platform. A 5xx answer is an error of the platform, a 4xx answer one of the client.',
  metricPrefix: 'api',
  value: { name: 'duration', kind: 'duration' },
  failures: ['error'],
  fields: {
    method: text({ column: 'method', dimension: true, maxLength: 20, about: 'HTTP method' }),
    route: text({
      column: 'route',
      dimension: true,
      maxLength: 300,
      about:
        'The route pattern, such as /orders/:id. Do not send the path: each id in it would make a series of its own',
    }),
    statusCode: integer({
      column: 'status_code',
      dimension: true,
      min: 100,
      max: 599,
      about: 'HTTP status of the answer',
    }),
    durationMs: milliseconds({ column: 'value', about: 'Time from the request to the last byte' }),
    clientId: text({
      column: 'client_id',
      dimension: true,
      optional: true,
      about: 'The application that sent the request',
    }),
    labels,
  },
  derivedDimensions: ['status'],
  derive: (row) => {
    row.status = statusClass(Number(row.status_code));
  },
};
