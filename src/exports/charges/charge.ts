/** What an org owes for one kind of work in one bucket of time. Costs are in nano-dollars. */
export interface Charge {
  type: 'usage' | 'ml_job';
  start: Date;
  end: Date;
  modelId: string | null;
  clientId: string | null;
  provider: string | null;
  pipeline: string | null;
  /** The labels that its series was entered with, as JSON; null without any, and for charges of a closed month. */
  labels: string | null;
  /** The closed month that it corrects, as its first moment; null for a charge of its own. */
  corrects: Date | null;
  events: bigint;
  failed: bigint;
  unpriced: bigint;
  inputTokens: bigint;
  cachedInputTokens: bigint;
  outputTokens: bigint;
  cost: bigint;
}

export type ChargeType = Charge['type'];

/** The columns of rollups' series that tell charges apart. */
export const chargeDimensions = ['model_id', 'client_id', 'provider', 'pipeline'] as const;

/** The numbers of a charge, as columns of the database. */
export const chargeNumbers = [
  'events',
  'failed',
  'unpriced',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'cost',
] as const;
export type ChargeNumber = (typeof chargeNumbers)[number];

/** A charge as the database sends it. Numbers are text, because they may be larger than a number can be exactly. */
export type ChargeRow = Record<ChargeNumber, string> &
  Record<(typeof chargeDimensions)[number], string | null> & { type: ChargeType; labels?: string | null };

export function chargeOf(row: ChargeRow, when: Pick<Charge, 'start' | 'end' | 'corrects'>): Charge {
  return {
    ...when,
    type: row.type,
    modelId: row.model_id,
    clientId: row.client_id,
    provider: row.provider,
    pipeline: row.pipeline,
    labels: row.labels ?? null,
    events: BigInt(row.events),
    failed: BigInt(row.failed),
    unpriced: BigInt(row.unpriced),
    inputTokens: BigInt(row.input_tokens),
    cachedInputTokens: BigInt(row.cached_input_tokens),
    outputTokens: BigInt(row.output_tokens),
    cost: BigInt(row.cost),
  };
}
