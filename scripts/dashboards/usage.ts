import { dashboardOf, type PanelContent } from './panel.ts';
import { CHOSEN_SERIES, orgVariables, usageByModel } from './sql.ts';

/** One number for the whole range. */
function total(title: string, description: string, unit: string, expression: string): PanelContent {
  return {
    title,
    description,
    unit,
    type: 'stat',
    width: 6,
    height: 4,
    queries: [
      {
        text: `select $__timeTo()::timestamptz as "time", coalesce(sum(${expression}), 0) as value
from analytics.usage_series(${CHOSEN_SERIES})`,
      },
    ],
  };
}

const INTERVAL = '1m';

/** What models are used for: requests, tokens, cost and freshness of an org. */
export const usage = dashboardOf({
  uid: 'tidemark-usage',
  title: 'Tidemark usage',
  description: 'Requests, cost, tokens and freshness of an org, by model.',
  time: { from: 'now-24h', to: 'now' },
  source: 'grafana-postgresql-datasource',
  variables: orgVariables,
  panels: [
    total('Requests', 'Requests to models in the range shown.', 'short', 'requests'),
    total('Cost', 'What the requests of the range cost, in US dollars.', 'currencyUSD', 'cost_dollars'),
    total('Tokens', 'Tokens of prompts and answers in the range.', 'short', 'input_tokens + output_tokens'),
    {
      title: 'Freshness',
      description: 'How long the oldest stored event of the org waits to be in these numbers.',
      unit: 's',
      type: 'stat',
      width: 6,
      height: 4,
      thresholds: { warning: 300, critical: 600 },
      queries: [
        {
          text: `select now() as "time", coalesce(max(lag_seconds), 0) as value
from analytics.org_freshness(\${org:sqlstring})`,
        },
      ],
    },
    {
      title: 'Requests by model',
      description: 'Requests in each interval.',
      unit: 'short',
      stacked: true,
      interval: INTERVAL,
      queries: [{ text: usageByModel('requests') }],
    },
    {
      title: 'Cost by model',
      description: 'Cost in each interval, in US dollars.',
      unit: 'currencyUSD',
      stacked: true,
      interval: INTERVAL,
      queries: [{ text: usageByModel('cost_dollars') }],
    },
    {
      title: 'Input tokens by model',
      description: 'Tokens of the prompts in each interval.',
      unit: 'short',
      stacked: true,
      interval: INTERVAL,
      queries: [{ text: usageByModel('input_tokens') }],
    },
    {
      title: 'Output tokens by model',
      description: 'Tokens of the answers in each interval.',
      unit: 'short',
      stacked: true,
      interval: INTERVAL,
      queries: [{ text: usageByModel('output_tokens') }],
    },
    {
      title: 'Cached share of input tokens',
      description: 'Share of the prompt tokens that a cache served.',
      unit: 'percentunit',
      interval: INTERVAL,
      queries: [{ text: usageByModel('cached_input_tokens / nullif(input_tokens, 0)') }],
    },
    {
      title: 'Cost per thousand requests',
      description: 'Average cost of a thousand requests, in US dollars.',
      unit: 'currencyUSD',
      interval: INTERVAL,
      queries: [{ text: usageByModel('1000 * cost_dollars / nullif(requests, 0)') }],
    },
    {
      title: 'Freshness by model',
      description: 'When each model was last seen, and when its numbers last changed.',
      unit: 'none',
      type: 'table',
      width: 24,
      queries: [
        {
          text: `select model_id as "Model", last_event_at as "Last event", last_rollup_at as "Last roll-up",
  lag_seconds as "Lag in seconds"
from analytics.org_freshness(\${org:sqlstring})
where model_id = any(array[\${model:sqlstring}]::text[])
order by 2 desc`,
        },
      ],
    },
  ],
});
