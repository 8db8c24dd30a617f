import { dashboardOf, type PanelContent } from './panel.ts';
import { ask, processVariables, quantile } from './promql.ts';

const stats: PanelContent[] = [
  {
    title: 'Processes',
    description: 'Processes of Tidemark that Prometheus scrapes.',
    unit: 'none',
    type: 'stat',
    width: 6,
    height: 4,
    queries: [ask('count(tidemark_queue_events)', 'processes')],
  },
  {
    title: 'Roll-up lag now',
    description: 'Age of the oldest stored event that is not in the numbers yet.',
    unit: 's',
    type: 'stat',
    width: 6,
    height: 4,
    thresholds: { warning: 300, critical: 600 },
    queries: [ask('max(tidemark_rollup_lag_seconds)', 'lag')],
  },
  {
    title: 'Refused now',
    description: 'Submissions a second that are sent back whole.',
    unit: 'reqps',
    type: 'stat',
    width: 6,
    height: 4,
    thresholds: { warning: 0.001, critical: 1 },
    queries: [ask('sum(rate(tidemark_ingest_refused_total[$__rate_interval]))', 'refused')],
  },
  {
    title: 'Redis',
    description: 'Processes that are connected to Redis; empty where none is used.',
    unit: 'none',
    type: 'stat',
    width: 6,
    height: 4,
    queries: [ask('sum(tidemark_redis_up)', 'connected')],
  },
];

const ingestion: PanelContent[] = [
  {
    title: 'Events',
    description: 'Events a second by outcome: stored, duplicate, conflict or rejected.',
    unit: 'ops',
    queries: [ask('sum by (outcome) (rate(tidemark_ingest_events_total[$__rate_interval]))', '{{outcome}}')],
  },
  {
    title: 'Roll-up lag',
    description: 'Age of the oldest stored event that is not in the numbers yet.',
    unit: 's',
    queries: [ask('max(tidemark_rollup_lag_seconds)', 'lag')],
  },
  {
    title: 'Queue',
    description: 'Events held in memory until they are stored, by process.',
    unit: 'short',
    queries: [ask('tidemark_queue_events', '{{instance}}')],
  },
  {
    title: 'Storing',
    description: 'Time of a transaction that stores events.',
    unit: 's',
    queries: [
      ask(quantile(0.5, 'tidemark_flush_duration_seconds'), 'p50'),
      ask(quantile(0.99, 'tidemark_flush_duration_seconds'), 'p99'),
    ],
  },
  {
    title: 'Refused submissions',
    description: 'Submissions sent back whole: the service was full, or its database was away.',
    unit: 'reqps',
    queries: [ask('sum by (reason) (rate(tidemark_ingest_refused_total[$__rate_interval]))', '{{reason}}')],
  },
  {
    title: 'RabbitMQ',
    description: 'Messages that wait with the broker, that this service holds, and that are dead letters.',
    unit: 'short',
    queries: [
      ask('max(tidemark_rabbitmq_backlog_messages)', 'waiting'),
      ask('sum(tidemark_rabbitmq_held_messages)', 'held'),
      ask('max(tidemark_rabbitmq_dead_letter_messages)', 'dead letters'),
    ],
  },
];

const answers: PanelContent[] = [
  {
    title: 'Requests by route',
    description: 'p99 of the time from a request to its answer.',
    unit: 's',
    queries: [ask(quantile(0.99, 'tidemark_http_request_duration_seconds', 'route'), '{{route}}')],
  },
  {
    title: 'Answers',
    description: 'Answers a second by HTTP status.',
    unit: 'reqps',
    queries: [
      ask(
        'sum by (status) (rate(tidemark_http_request_duration_seconds_count[$__rate_interval]))',
        '{{status}}',
      ),
    ],
  },
  {
    title: 'Roll-ups by grain',
    description: 'p95 of the time of one roll-up.',
    unit: 's',
    queries: [ask(quantile(0.95, 'tidemark_rollup_duration_seconds', 'grain'), '{{grain}}')],
  },
  {
    title: 'Queries',
    description: 'p95 of the time from asking for a connection to the result, by pool.',
    unit: 's',
    queries: [ask(quantile(0.95, 'tidemark_database_query_duration_seconds', 'pool'), '{{pool}}')],
  },
  {
    title: 'Database connections',
    description: 'Connections by pool and state, and callers that wait for one.',
    unit: 'short',
    queries: [
      ask('sum by (pool, state) (tidemark_database_pool_connections)', '{{pool}} {{state}}'),
      ask('sum by (pool) (tidemark_database_pool_waiting)', '{{pool}} waiting'),
    ],
  },
];

const processes: PanelContent[] = [
  {
    title: 'Memory',
    description: 'Resident memory of each process.',
    unit: 'bytes',
    queries: [ask('tidemark_process_resident_memory_bytes', '{{instance}}')],
  },
  {
    title: 'Processor',
    description: 'Processor time of each process; 100 % is one core.',
    unit: 'percentunit',
    queries: [
      ask('sum by (instance) (rate(tidemark_process_cpu_seconds_total[$__rate_interval]))', '{{instance}}'),
    ],
  },
  {
    title: 'Event loop lag',
    description: 'p99 of the delay of the event loop, by process. A long delay keeps every caller waiting.',
    unit: 's',
    queries: [ask('tidemark_nodejs_eventloop_lag_p99_seconds', '{{instance}}')],
  },
];

/** How the processes of Tidemark do: ingestion, roll-ups, answers, memory. */
export const service = dashboardOf({
  uid: 'tidemark-service',
  title: 'Tidemark service',
  description: 'Ingestion, roll-ups, answers and resources of the processes of Tidemark.',
  time: { from: 'now-1h', to: 'now' },
  source: 'prometheus',
  variables: processVariables,
  panels: [...stats, ...ingestion, ...answers, ...processes],
});
