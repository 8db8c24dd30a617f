import type { EventType } from '../event-type.ts';
import { choice, text } from '../field.ts';

export const alert: EventType = {
  type: 'alert',
  title: 'Alert transition',
  about: 'An alert changed its state. Tidemark itself records these events.',
  metricPrefix: 'alert',
  internal: true,
  failures: [],
  fields: {
    alertId: text({ about: 'Id of the alert' }),
    name: text({ about: 'Name of its rule' }),
    severity: choice(['info', 'warning', 'critical'], {
      column: 'severity',
      dimension: true,
      about: 'Severity of the alert',
    }),
    transition: choice(
      [
        'firing',
        'told',
        'still_firing',
        'escalated',
        'escalation_step',
        'acknowledged',
        'unacknowledged',
        'resolved',
      ],
      {
        column: 'status',
        dimension: true,
        about:
          'What happened to the alert; told: it fired while it was suppressed, and people were told later',
      },
    ),
  },
};
