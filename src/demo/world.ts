/** A model, with the typical requests to it. */
export interface DemoModel {
  modelId: string;
  weight: number;
  /** Cents for a million tokens. */
  inputPrice: number;
  outputPrice: number;
  /** Milliseconds until the first token. */
  firstTokenMs: number;
  /** Milliseconds for each further token. */
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

/** The orgs of the demo. */
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
  /** Units in stock after a restock. */
  stock: number;
}

/** The products of the shop of atelier. */
export const demoProducts: readonly DemoProduct[] = [
  {
    sku: 'BR-DRESS',
    name: 'Midnight Gown',
    collection: 'Black Rose',
    category: 'dresses',
    priceCents: 28_900,
    weight: 5,
    stock: 60,
  },
  {
    sku: 'BR-JACKET',
    name: 'Thorn Jacket',
    collection: 'Black Rose',
    category: 'outerwear',
    priceCents: 34_900,
    weight: 4,
    stock: 45,
  },
  {
    sku: 'BR-TEE',
    name: 'Petal Tee',
    collection: 'Black Rose',
    category: 'tops',
    priceCents: 5_900,
    weight: 9,
    stock: 220,
  },
  {
    sku: 'LH-HOODIE',
    name: 'Broken Arrow Hoodie',
    collection: 'Love Hurts',
    category: 'tops',
    priceCents: 11_900,
    weight: 8,
    stock: 160,
  },
  {
    sku: 'LH-SKIRT',
    name: 'Heartline Skirt',
    collection: 'Love Hurts',
    category: 'skirts',
    priceCents: 13_900,
    weight: 4,
    stock: 80,
  },
  {
    sku: 'LH-RING',
    name: 'Scar Ring',
    collection: 'Love Hurts',
    category: 'accessories',
    priceCents: 7_900,
    weight: 5,
    stock: 120,
  },
  {
    sku: 'SG-COAT',
    name: 'Atelier Coat',
    collection: 'Signature',
    category: 'outerwear',
    priceCents: 49_900,
    weight: 3,
    stock: 40,
  },
  {
    sku: 'SG-SHIRT',
    name: 'Monogram Shirt',
    collection: 'Signature',
    category: 'tops',
    priceCents: 12_900,
    weight: 7,
    stock: 150,
  },
  {
    sku: 'SG-BAG',
    name: 'House Bag',
    collection: 'Signature',
    category: 'accessories',
    priceCents: 25_900,
    weight: 5,
    stock: 70,
  },
];
