/** A model as an org uses it. */
export interface DemoModel {
  modelId: string;
  weight: number;
  /** Cents for a million tokens. */
  inputPrice: number;
  outputPrice: number;
  /** Milliseconds until the first token, and for each further one. */
  firstTokenMs: number;
  perTokenMs: number;
  /** Median tokens of a request. */
  inputTokens: number;
  outputTokens: number;
  /** Share of requests that fail on an ordinary day. */
  failureRate: number;
}

export interface DemoOrg {
  orgId: string;
  /** Hours by which its day is ahead of UTC. */
  utcOffset: number;
  clients: readonly { clientId: string; weight: number }[];
  models: readonly DemoModel[];
  /** Events in an hour of average load. */
  hourly: { usage: number; apiRequests: number; mlJobs: number; errors: number; shopVisits: number };
}

const gpt4o: DemoModel = {
  modelId: 'gpt-4o',
  weight: 5,
  inputPrice: 250,
  outputPrice: 1_000,
  firstTokenMs: 420,
  perTokenMs: 9,
  inputTokens: 1_400,
  outputTokens: 320,
  failureRate: 0.008,
};

const gpt4oMini: DemoModel = {
  modelId: 'gpt-4o-mini',
  weight: 8,
  inputPrice: 15,
  outputPrice: 60,
  firstTokenMs: 260,
  perTokenMs: 5,
  inputTokens: 700,
  outputTokens: 180,
  failureRate: 0.005,
};

const claudeSonnet: DemoModel = {
  modelId: 'claude-sonnet',
  weight: 4,
  inputPrice: 300,
  outputPrice: 1_500,
  firstTokenMs: 700,
  perTokenMs: 12,
  inputTokens: 3_800,
  outputTokens: 520,
  failureRate: 0.006,
};

const geminiFlash: DemoModel = {
  modelId: 'gemini-flash',
  weight: 3,
  inputPrice: 10,
  outputPrice: 40,
  firstTokenMs: 210,
  perTokenMs: 3,
  inputTokens: 1_100,
  outputTokens: 240,
  failureRate: 0.01,
};

const llama: DemoModel = {
  modelId: 'llama-3.1-70b',
  weight: 3,
  inputPrice: 60,
  outputPrice: 80,
  firstTokenMs: 900,
  perTokenMs: 22,
  inputTokens: 900,
  outputTokens: 410,
  failureRate: 0.02,
};

/** Who the demonstration is about. */
export const demoOrgs: readonly DemoOrg[] = [
  {
    orgId: 'acme',
    utcOffset: 1,
    clients: [
      { clientId: 'support-chat', weight: 6 },
      { clientId: 'search', weight: 3 },
      { clientId: 'batch-summaries', weight: 1 },
    ],
    models: [gpt4o, gpt4oMini, claudeSonnet],
    hourly: { usage: 230, apiRequests: 90, mlJobs: 6, errors: 4, shopVisits: 0 },
  },
  {
    orgId: 'globex',
    utcOffset: -5,
    clients: [
      { clientId: 'code-review', weight: 4 },
      { clientId: 'copilot', weight: 6 },
    ],
    models: [claudeSonnet, llama, gpt4oMini],
    hourly: { usage: 90, apiRequests: 45, mlJobs: 12, errors: 3, shopVisits: 0 },
  },
  {
    orgId: 'atelier',
    utcOffset: -8,
    clients: [
      { clientId: 'stylist', weight: 5 },
      { clientId: 'product-copy', weight: 2 },
    ],
    models: [geminiFlash, gpt4o],
    hourly: { usage: 40, apiRequests: 35, mlJobs: 14, errors: 2, shopVisits: 42 },
  },
];

export interface DemoProduct {
  sku: string;
  name: string;
  collection: string;
  category: string;
  priceCents: number;
  weight: number;
  /** What the shelf holds when it is full. */
  stock: number;
}

function product(
  sku: string,
  name: string,
  collection: string,
  category: string,
  euros: number,
  weight: number,
  stock: number,
): DemoProduct {
  return { sku, name, collection, category, priceCents: euros * 100, weight, stock };
}

/** What the shop of atelier sells. */
export const demoProducts: readonly DemoProduct[] = [
  product('BR-DRESS', 'Midnight Gown', 'Black Rose', 'dresses', 289, 5, 60),
  product('BR-JACKET', 'Thorn Jacket', 'Black Rose', 'outerwear', 349, 4, 45),
  product('BR-TEE', 'Petal Tee', 'Black Rose', 'tops', 59, 9, 220),
  product('LH-HOODIE', 'Broken Arrow Hoodie', 'Love Hurts', 'tops', 119, 8, 160),
  product('LH-SKIRT', 'Heartline Skirt', 'Love Hurts', 'skirts', 139, 4, 80),
  product('LH-RING', 'Scar Ring', 'Love Hurts', 'accessories', 79, 5, 120),
  product('SG-COAT', 'Atelier Coat', 'Signature', 'outerwear', 499, 3, 40),
  product('SG-SHIRT', 'Monogram Shirt', 'Signature', 'tops', 129, 7, 150),
  product('SG-BAG', 'House Bag', 'Signature', 'accessories', 259, 5, 70),
];
