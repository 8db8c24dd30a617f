import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';

export const alert: EventType = {
  type: 'alert',
  title: 'Alert transition',
  about: 'An alert changing its state. Tidemark records it itself.',
  metricPrefix: 'alert',
  internal: true,
  failures: [],
  fields: {
    alertId: text({ about: 'The alert' }),
    name: text({ about: 'The name of its rule' }),
    severity: choice(['info', 'warning', 'critical'], {
      column: 'severity',
      dimension: true,
      about: 'How bad it is',
    }),
    transition: choice(
      ['firing', 'told', 'still_firing', 'escalated', 'acknowledged', 'unacknowledged', 'resolved'],
      {
        column: 'status',
        dimension: true,
        about: 'What happened to it; told: people were told late of what fired while it was suppressed',
      },
    ),
  },
};
