import { isObject, type JsonObject } from '../../events/json-object.ts';
import { AI_SDK_6, attributeNames, COST_DETAILS, firstOf, USAGE_DETAILS } from './attributes.ts';
import type { AttributeValue, OtlpSpan } from './span.ts';

/** Tokens in the terms of an event of usage: input contains what caches gave and took. */
export interface Tokens {
  inputTokens?: number;
  outputTokens?: number;
  cachedInputTokens?: number;
  cacheWriteInputTokens?: number;
  cacheWriteHourInputTokens?: number;
  reasoningTokens?: number;
}

/** The tokens of a call; those that its sender does not know are left out. */
export function tokensOf(span: OtlpSpan, provider: string | undefined): Tokens {
  const details = jsonOf(span.attributes.get(USAGE_DETAILS));
  if (details) return langfuseTokens(details);
  const { attributes } = span;
  const count = (names: readonly string[]) => numberOf(firstOf(attributes, names));
  const { input, output, cacheRead, cacheWrite, cacheWriteHour, cacheWrite5m, reasoning } = attributeNames;
  const read = count(cacheRead);
  const hour = count(cacheWriteHour);
  const written = count(cacheWrite) ?? (hour === undefined ? undefined : hour + (count(cacheWrite5m) ?? 0));
  const prompt = count(input);
  const cached = (read ?? 0) + (written ?? 0);
  const apart = prompt !== undefined && (cached > prompt || countsCachesApart(span, provider));
  return given({
    inputTokens: apart ? prompt + cached : prompt,
    outputTokens: count(output),
    cachedInputTokens: read,
    cacheWriteInputTokens: written,
    cacheWriteHourInputTokens: within(hour, written),
    reasoningTokens: count(reasoning),
  });
}

/** Senders that are known to leave the tokens of caches out of the input tokens. */
function countsCachesApart({ scope, attributes }: OtlpSpan, provider: string | undefined): boolean {
  if (provider !== 'anthropic') return false;
  if (scope.name === 'ai') return !attributes.has(AI_SDK_6);
  return scope.name.startsWith('openlit');
}

/** Langfuse keeps usage as JSON: the object of OpenAI, or buckets that do not overlap. */
function langfuseTokens(details: JsonObject): Tokens {
  if (details.prompt_tokens !== undefined || details.prompt_tokens_details !== undefined) {
    const prompt = isObject(details.prompt_tokens_details) ? details.prompt_tokens_details : {};
    const answer = isObject(details.completion_tokens_details) ? details.completion_tokens_details : {};
    return given({
      inputTokens: numberOf(details.prompt_tokens),
      outputTokens: numberOf(details.completion_tokens),
      cachedInputTokens: numberOf(prompt.cached_tokens),
      reasoningTokens: numberOf(answer.reasoning_tokens),
    });
  }
  const sum = (isPart: (name: string) => boolean) => {
    const parts = Object.entries(details).flatMap(([name, value]) => {
      const number = isPart(name) ? numberOf(value) : undefined;
      return number === undefined ? [] : [number];
    });
    return parts.length === 0 ? undefined : parts.reduce((total, part) => total + part, 0);
  };
  const isInput = (name: string) => name === 'input' || name.startsWith('input_') || isCache(name);
  const isOutput = (name: string) => name === 'output' || name.startsWith('output_');
  const isWrite = (name: string) => isCache(name) && /creation|write/.test(name);
  return given({
    inputTokens: sum(isInput),
    outputTokens: sum(isOutput),
    cachedInputTokens: sum((name) => isCache(name) && !isWrite(name)),
    cacheWriteInputTokens: sum(isWrite),
    cacheWriteHourInputTokens: within(
      sum((name) => isWrite(name) && name.includes('1h')),
      sum(isWrite),
    ),
    reasoningTokens: sum((name) => isOutput(name) && name.includes('reasoning')),
  });
}

/** A part, but no more than the whole: a call whose sender miscounts a part still has its cost. */
export function within(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || part === 0 ? undefined : Math.min(part, whole ?? 0);
}

function isCache(name: string): boolean {
  return name.startsWith('input_cache') || name.startsWith('cache_');
}

/** The cost in dollars that a call says, in whole nano-dollars. */
export function dollarsOf({ attributes }: OtlpSpan): number | undefined {
  const details = jsonOf(attributes.get(COST_DETAILS));
  if (!details) return wholeNanos(numberOf(firstOf(attributes, attributeNames.cost)));
  const total = numberOf(details.total);
  if (total !== undefined) return wholeNanos(total);
  const parts = Object.values(details).flatMap((part) => numberOf(part) ?? []);
  return parts.length === 0 ? undefined : wholeNanos(parts.reduce((sum, part) => sum + part, 0));
}

/** Dollars without the noise of floating point. */
export function wholeNanos(dollars: number | undefined): number | undefined {
  return dollars === undefined ? undefined : Math.round(dollars * 1e9) / 1e9;
}

/** A number, also as text. Whether it is a possible count is checked with the event. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function jsonOf(value: AttributeValue | undefined): JsonObject | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function given(tokens: { [K in keyof Tokens]: number | undefined }): Tokens {
  const known: Tokens = {};
  addGiven(known, tokens);
  return known;
}

/** Adds the fields that are not `undefined`. */
export function addGiven(target: object, fields: object): void {
  const into = target as JsonObject;
  const from = fields as JsonObject;
  // `Object.entries` makes an array for each field of each call.
  for (const name in from) if (from[name] !== undefined) into[name] = from[name];
}
