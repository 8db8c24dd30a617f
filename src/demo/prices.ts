import type { DemoApi } from './api.ts';

const PRICES = '/api/v1/analytics/ml/prices';
/** Before the start of every demo history. */
const ALWAYS = '2020-01-01';

const demoPrices = [
  { provider: 'replicate', pipeline: '3d', effectiveFrom: ALWAYS, centsPerSecond: 0.14 },
  { provider: 'huggingface', effectiveFrom: ALWAYS, centsPerSecond: 0.005 },
  {
    provider: 'gemini',
    effectiveFrom: ALWAYS,
    centsPerMillionInputTokens: 7.5,
    centsPerMillionOutputTokens: 30,
  },
];

/** Sets the prices of providers whose jobs have no cost. Jobs of the internal provider stay unpriced. */
export async function putDemoPrices(api: DemoApi): Promise<void> {
  for (const price of demoPrices) await api.post(PRICES, JSON.stringify(price));
}
