import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';

export const error: EventType = {
  type: 'error',
  title: 'Error',
  about: 'Something went wrong in a service.',
  metricPrefix: 'error',
  failures: [],
  fields: {
    service: text({ column: 'service', dimension: true, about: 'Where it happened' }),
    code: text({ column: 'error_code', dimension: true, maxLength: 100, about: 'What kind of error' }),
    severity: choice(['debug', 'info', 'warning', 'error', 'critical'], {
      column: 'severity',
      dimension: true,
      about: 'How bad it is',
    }),
    message: text({ maxLength: 2_000, about: 'What happened, for a person' }),
  },
};
