import type { DemoApi } from './api.ts';

const PRICES = '/api/v1/analytics/ml/prices';
/** Longer ago than the demo goes back. */
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

/** Puts the prices of providers that do not say what a job cost. The assets of the house have none: they are unpriced. */
export async function putDemoPrices(api: DemoApi): Promise<void> {
  for (const price of demoPrices) await api.post(PRICES, JSON.stringify(price));
}
