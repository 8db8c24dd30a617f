import { Agent, request } from 'undici';
import { pidListeningOn, processorTimeOfTree } from '../processes/process-use.ts';
import type { Peer } from './peer.ts';

const DATABASE = 'tidemark_bench';

const create = [
  `drop database if exists ${DATABASE}`,
  `create database ${DATABASE}`,
  `create table ${DATABASE}.events (
     eventId String, orgId String, modelId String, occurredAt DateTime, latencyMs Float64, status String,
     errorCode String, inputTokens UInt32, outputTokens UInt32, costEstimateCents Float64
   ) engine = ReplacingMergeTree() partition by toYYYYMM(occurredAt) order by (orgId, modelId, occurredAt, eventId)`,
  `create materialized view ${DATABASE}.hourly
   engine = AggregatingMergeTree() partition by toYYYYMM(hour) order by (orgId, modelId, hour)
   as select orgId, modelId, toStartOfHour(occurredAt) as hour, countState() as calls, sumState(inputTokens) as input,
     sumState(outputTokens) as output, sumState(costEstimateCents) as cost, quantileTDigestState(0.95)(latencyMs) as latency
   from ${DATABASE}.events group by orgId, modelId, hour`,
];

/**
 * ClickHouse: a table that drops duplicates when it merges its parts, and a materialised view of sums and t-digests. The
 * view takes in each insert, also that of a duplicate.
 */
export async function clickhousePeer(address: string, connections: number): Promise<Peer> {
  const agent = new Agent({ connections });
  const run = async (query: string, body?: Buffer): Promise<string> => {
    const url = new URL(address);
    if (body) url.searchParams.set('query', query);
    url.searchParams.set('date_time_input_format', 'best_effort');
    const reply = await request(url, { dispatcher: agent, method: 'POST', body: body ?? query });
    const text = await reply.body.text();
    if (reply.statusCode !== 200) throw new Error(`ClickHouse: ${reply.statusCode}: ${text.slice(0, 300)}`);
    return text.trim();
  };
  for (const sql of create) await run(sql);
  const version = await run('select version()');
  const synced = await run(
    `select value from system.merge_tree_settings where name = 'fsync_after_insert' format TabSeparated`,
  );
  const server = pidListeningOn(Number(new URL(address).port));
  return {
    name: `ClickHouse ${version}`,
    durable: synced === '1' ? 'yes' : 'no: inserts are not synced',
    store: async ({ lines }) => void (await run(`insert into ${DATABASE}.events format JSONEachRow`, lines)),
    // The view is part of each insert.
    rollUp: async () => {},
    async ask(orgId, from) {
      const text = await run(
        `select countMerge(calls), sumMerge(input), quantileTDigestMerge(0.95)(latency) from ${DATABASE}.hourly
         where orgId = '${orgId}' and hour >= toStartOfHour(toDateTime(${Math.floor(from.getTime() / 1_000)}))
         format TabSeparated`,
      );
      const [calls = Number.NaN, inputTokens = Number.NaN, p95 = Number.NaN] = text.split('\t').map(Number);
      return { calls, inputTokens, p95 };
    },
    processorTime: () => (server === undefined ? undefined : processorTimeOfTree(server)),
    async stop() {
      await run(`drop database ${DATABASE}`);
      await agent.close();
    },
  };
}
