import { ALL_ORGS } from '../events/all-orgs.ts';
import { readModelBook } from '../prices/models/read-model-book.ts';
import { answerUnpriced, type UnpricedModel } from '../queries/models/unpriced.ts';
import { systemClock } from '../time.ts';
import type { CommandContext } from './on-database.ts';
import { formatExactMoment } from './read-moment.ts';
import { formatNumber, formatTable } from './table.ts';

/** Prints the models whose calls have no known cost, those with the most calls first. */
export async function listUnpriced(
  { org, days, limit }: { org?: string; days: number; limit: number },
  { pool }: CommandContext,
): Promise<void> {
  const { models, totals } = await answerUnpriced(pool, {
    ...{ orgId: org ?? ALL_ORGS, days, limit, offset: 0, now: systemClock.now() },
  });
  if (totals.models === 0) {
    process.stdout.write(`\n  Every call of the last ${days} days has a cost.\n\n`);
    return;
  }
  const book = await readModelBook(pool);
  const hasPrice = (model: UnpricedModel) =>
    book.inForce({ ...model, model: model.modelId, at: Date.parse(model.lastAt) }) !== undefined;
  process.stdout.write(`\n${tableOf(models, hasPrice)}\n`);
  if (totals.models > models.length)
    process.stdout.write(`  and ${formatNumber(totals.models - models.length)} more models (--limit).\n`);
  process.stdout.write(
    `  ${formatNumber(totals.unpricedInvocations)} calls of the last ${days} days have no known cost. ` +
      'Give them a price, then run `tidemark reprice`.\n\n',
  );
}

function tableOf(models: readonly UnpricedModel[], hasPrice: (model: UnpricedModel) => boolean): string {
  return formatTable(
    [
      ...['provider', 'model', 'service tier'].map((title) => ({ title })),
      ...['calls', 'tokens in', 'tokens out', 'of unknown tokens'].map((title) => ({
        ...{ title, align: 'right' as const },
      })),
      ...['since', 'last', 'has a price'].map((title) => ({ title })),
    ],
    models.map((model) => [
      ...[model.provider ?? '-', model.modelId, model.serviceTier ?? '-'],
      ...[model.unpricedInvocations, model.inputTokens, model.outputTokens, model.withoutUsage].map((value) =>
        formatNumber(value),
      ),
      ...[model.since, model.lastAt].map((at) => formatExactMoment(new Date(at))),
      hasPrice(model) ? 'yes' : 'no',
    ]),
  );
}
