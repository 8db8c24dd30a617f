import { LRUCache } from 'lru-cache';
import { type PricePeriod, pricePeriods } from '../price-periods.ts';
import type { ModelAlias } from './model-alias.ts';
import { plainModelName } from './model-names.ts';
import type { ModelPrice } from './model-price.ts';

/** A call, as far as it chooses a price. */
export interface PricedCall {
  /** `null`: the sender names none. */
  provider: string | null;
  model: string;
  serviceTier: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** The prices of a model by service tier, each list with the latest start first. */
type ModelPrices = ReadonlyMap<string | null, readonly ModelPrice[]>;

/** Senders make up names of models, so not all of them can be remembered. */
const REMEMBERED = 10_000;
const NONE: ModelPrices = new Map();

/** Finds the price of a call among many. It uses a price of another provider only by an alias. */
export class ModelBook {
  readonly #byProvider = new Map<string, Map<string, Map<string | null, ModelPrice[]>>>();
  /** The models of each provider by their plain names. */
  readonly #plainNames = new Map<string, Map<string, string>>();
  readonly #found = new LRUCache<string, ModelPrices>({ max: REMEMBERED });

  /** By provider and model; the model is empty for an alias of the whole provider. */
  readonly #aliases: ReadonlyMap<string, ModelAlias>;

  constructor(prices: readonly ModelPrice[], aliases: readonly ModelAlias[] = []) {
    this.#aliases = new Map(aliases.map((alias) => [aliasKey(alias.provider, alias.model), alias]));
    for (const price of [...prices].sort((a, b) => b.effectiveFrom - a.effectiveFrom)) this.#add(price);
  }

  #add(price: ModelPrice): void {
    const models = this.#byProvider.get(price.provider) ?? new Map();
    this.#byProvider.set(price.provider, models);
    const tiers = models.get(price.model) ?? new Map();
    models.set(price.model, tiers);
    const list = tiers.get(price.serviceTier) ?? [];
    tiers.set(price.serviceTier, list);
    list.push(price);
    const names = this.#plainNames.get(price.provider) ?? new Map();
    this.#plainNames.set(price.provider, names);
    const plain = plainModelName(price.model);
    // Of several that have one plain name, the plain one stands for it, or the one with the latest date.
    const before = names.get(plain);
    if (before === undefined || price.model === plain || (before !== plain && price.model > before))
      names.set(plain, price.model);
  }

  /** The price in force; of the service tier if it has one, else the usual one. */
  inForce({ provider, model, serviceTier, at }: PricedCall): ModelPrice | undefined {
    const ofModel = this.#pricesOf(provider, model);
    for (const tier of serviceTier === null ? [null] : [serviceTier, null]) {
      const latest = ofModel.get(tier)?.find(({ effectiveFrom }) => effectiveFrom <= at);
      if (latest && (latest.effectiveTo === null || at < latest.effectiveTo)) return latest;
    }
    return undefined;
  }

  /** The provider and model whose prices are those of such calls. */
  scopeOf(provider: string | null, model: string): { provider: string; model: string } | undefined {
    const [first] = [...this.#pricesOf(provider, model).values()].flat();
    return first && { provider: first.provider, model: first.model };
  }

  /** The prices of such calls in a range, in order and without a gap; neighbours differ. */
  periodsIn(call: Omit<PricedCall, 'at'>, range: { start: number; end: number }): PricePeriod<ModelPrice>[] {
    const ofModel = this.#pricesOf(call.provider, call.model);
    return pricePeriods(range, [...ofModel.values()].flat(), (at) => this.inForce({ ...call, at }));
  }

  #pricesOf(provider: string | null, model: string): ModelPrices {
    const key = `${provider ?? ''}\0${model}`;
    const known = this.#found.get(key);
    if (known) return known;
    const found = provider === null ? this.#ofOnlyProvider(model) : this.#ofAliased(provider, model);
    this.#found.set(key, found ?? NONE);
    return found ?? NONE;
  }

  /** An alias of the model stands before its own prices, one of the provider behind them. */
  #ofAliased(provider: string, model: string): ModelPrices | undefined {
    const ofModel = this.#aliases.get(aliasKey(provider, model));
    if (ofModel) return this.#ofProvider(ofModel.asProvider, ofModel.asModel ?? model);
    const own = this.#ofProvider(provider, model);
    const other = own ? undefined : this.#aliases.get(aliasKey(provider, null));
    return other ? this.#ofProvider(other.asProvider, model) : own;
  }

  /** The model of that name, else the one that has the same plain name. */
  #ofProvider(provider: string, model: string): ModelPrices | undefined {
    const models = this.#byProvider.get(provider);
    const name = models?.has(model) ? model : this.#plainNames.get(provider)?.get(plainModelName(model));
    return name === undefined ? undefined : models?.get(name);
  }

  /** Without a provider, a name that one provider alone has prices for can mean only that. */
  #ofOnlyProvider(model: string): ModelPrices | undefined {
    const found = [...this.#byProvider.keys()].flatMap((provider) => this.#ofProvider(provider, model) ?? []);
    return found.length === 1 ? found[0] : undefined;
  }
}

function aliasKey(provider: string, model: string | null): string {
  return `${provider}\0${model ?? ''}`;
}
