import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';

export const error: EventType = {
  type: 'error',
  title: 'Error',
  about: 'An error in a service.',
  metricPrefix: 'error',
  failures: [],
  fields: {
    service: text({ column: 'service', dimension: true, about: 'The service with the error' }),
    code: text({
      column: 'error_code',
      dimension: true,
      maxLength: 100,
      cut: true,
      about: 'Kind of error; longer ones are cut at 100 characters',
    }),
    severity: choice(['debug', 'info', 'warning', 'error', 'critical'], {
      column: 'severity',
      dimension: true,
      about: 'Severity of the error',
    }),
    message: text({
      maxLength: 2_000,
      cut: true,
      about: 'What happened, for people to read; longer ones are cut at 2,000 characters',
    }),
  },
};
