/**
 * The columns of FOCUS 1.2 and 1.3 that Tidemark can fill, and columns of its own (`x_…`) after them. One file holds what
 * both versions require. The rules are those of the specification, https://focus.finops.org/focus-specification/v1-2/.
 */

import { decimalText } from '../../decimal.ts';
import { COST_SCALE } from '../../events/field.ts';
import type { Charge } from '../charges/charge.ts';
import type { Cell } from '../writing/columns.ts';
import type { ExportColumn } from '../writing/totals.ts';

/** What a row is made of, beside its charge. */
export interface FocusContext {
  orgId: string;
  /** Who issues the costs; also the provider of models without one. */
  issuer: string;
  /** The first moment of the month that the row is delivered in; without it, the month of the charge. */
  billingPeriod?: Date;
}

export type FocusColumn = ExportColumn & {
  nullable?: true;
  /** Whether a custom provider of Vantage accepts the column. Others make it refuse the file. */
  vantage?: true;
  cellOf(charge: Charge, context: FocusContext): Cell;
};

/** All costs of Tidemark are in dollars. */
const CURRENCY = 'USD';

type CellOf = FocusColumn['cellOf'];

function text(name: string, cellOf: CellOf, more: { nullable?: true; vantage?: true } = {}): FocusColumn {
  return { name, type: 'text', cellOf: (...row) => withoutEmpty(cellOf(...row)), ...more };
}

/** In FOCUS there is no empty text: what is not known is null. */
function withoutEmpty(cell: Cell): Cell {
  return cell === '' ? null : cell;
}

function time(name: string, cellOf: CellOf, more: { vantage?: true } = {}): FocusColumn {
  return { name, type: 'time', cellOf, ...more };
}

function integer(name: string, cellOf: CellOf, more: { vantage?: true } = {}): FocusColumn {
  return { name, type: 'integer', cellOf, ...more };
}

function cost(name: string, more: { vantage?: true } = {}): FocusColumn {
  return {
    name,
    type: 'decimal',
    scale: COST_SCALE,
    isSum: true,
    cellOf: (charge) => decimalText(charge.cost, COST_SCALE),
    ...more,
  };
}

function monthOf({ start }: Charge, { billingPeriod }: FocusContext): Date {
  return billingPeriod ?? new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), 1));
}

function endOfMonth(month: Date): Date {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
}

function providerOf({ provider }: Charge, { issuer }: FocusContext): string {
  return provider || issuer;
}

function isJob({ type }: Charge): boolean {
  return type === 'ml_job';
}

function unitOf(charge: Charge): string {
  return isJob(charge) ? 'Jobs' : 'Requests';
}

function resourceOf(charge: Charge): string | null {
  return isJob(charge) ? charge.pipeline : charge.modelId;
}

function serviceOf(charge: Charge): string {
  return isJob(charge) ? `ML jobs: ${charge.pipeline}` : 'LLM inference';
}

const nullable = { nullable: true } as const;
const vantage = { vantage: true } as const;
const both = { ...nullable, ...vantage };

/** In the order of the file: FOCUS by name, then Tidemark's own. */
export const focusColumns: readonly FocusColumn[] = [
  cost('BilledCost', vantage),
  text('BillingAccountId', (_, { orgId }) => orgId, vantage),
  text('BillingAccountName', () => null, both),
  text('BillingCurrency', () => CURRENCY, vantage),
  time('BillingPeriodEnd', (charge, context) => endOfMonth(monthOf(charge, context))),
  time('BillingPeriodStart', monthOf),
  text('ChargeCategory', () => 'Usage', vantage),
  text('ChargeClass', ({ corrects }) => (corrects === null ? null : 'Correction'), nullable),
  text('ChargeDescription', (charge) => `${resourceOf(charge) ?? 'unknown'}, ${serviceOf(charge)}`, both),
  text('ChargeFrequency', () => 'Usage-Based', vantage),
  time('ChargePeriodEnd', ({ end }) => end, vantage),
  time('ChargePeriodStart', ({ start }) => start, vantage),
  integer('ConsumedQuantity', ({ events }) => events, vantage),
  text('ConsumedUnit', unitOf, vantage),
  cost('ContractedCost', vantage),
  cost('EffectiveCost', vantage),
  text('HostProviderName', providerOf),
  text('InvoiceId', () => null, nullable),
  text('InvoiceIssuerName', (_, { issuer }) => issuer),
  cost('ListCost', vantage),
  integer('PricingQuantity', ({ events }) => events),
  text('PricingUnit', unitOf),
  text('ProviderName', providerOf),
  text('PublisherName', providerOf),
  text('ResourceId', resourceOf, both),
  text('ResourceName', resourceOf, both),
  text('ResourceType', (charge) => (isJob(charge) ? 'Pipeline' : 'Model'), vantage),
  text('ServiceCategory', () => 'AI and Machine Learning', vantage),
  text('ServiceName', serviceOf, vantage),
  text('ServiceProviderName', providerOf),
  text('ServiceSubcategory', (charge) => (isJob(charge) ? 'Machine Learning' : 'Generative AI'), vantage),
  text('SubAccountId', ({ clientId }) => clientId, both),
  text('SubAccountName', ({ clientId }) => clientId, both),
  { name: 'Tags', type: 'json', cellOf: ({ labels }) => labels, ...both },
  text('x_ModelId', ({ modelId }) => modelId, nullable),
  text('x_ClientId', ({ clientId }) => clientId, nullable),
  text('x_Pipeline', ({ pipeline }) => pipeline, nullable),
  integer('x_Requests', ({ events }) => events),
  integer('x_FailedRequests', ({ failed }) => failed),
  integer('x_UnpricedRequests', ({ unpriced }) => unpriced),
  integer('x_InputTokens', ({ inputTokens }) => inputTokens),
  integer('x_CachedInputTokens', ({ cachedInputTokens }) => cachedInputTokens),
  integer('x_OutputTokens', ({ outputTokens }) => outputTokens),
  text('x_CorrectedPeriod', ({ corrects }) => corrects?.toISOString().slice(0, 7) ?? null, nullable),
  text('x_CostBasis', () => 'estimate'),
];
