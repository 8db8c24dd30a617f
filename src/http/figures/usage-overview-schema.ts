import { Type } from 'typebox';
import type { CallFigures } from '../../queries/models/call-tally.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import {
  adminFrame,
  comparedNumber,
  comparisonFrame,
  GranularityShown,
  partialField,
} from './admin-answer.ts';

const descriptions: Record<Exclude<keyof CallFigures, OfReliability>, string> = {
  invocations: 'Calls, with any result.',
  inputTokens: 'Tokens of the prompts.',
  outputTokens: 'Tokens of the answers.',
  costCents: 'Cents of the calls whose cost is known.',
  unpricedInvocations: 'Calls whose cost is not known. They are in no cost.',
};
type OfReliability = 'errorRate' | 'latencyP95Ms';

const needs = 'Only for callers who may read the reliability.';
const ofReliability: Record<OfReliability, string> = {
  errorRate: `Failed calls as a share of all, 0 to 1; null without calls. ${needs}`,
  latencyP95Ms: `95th percentile in milliseconds, within 1 %; null without calls that tell it. ${needs}`,
};

function eachOf<Name extends string, T>(texts: Record<Name, string>, schemaOf: (text: string) => T) {
  return Object.fromEntries(
    Object.entries<string>(texts).map(([name, text]) => [name, schemaOf(text)]),
  ) as Record<Name, T>;
}

const compared = {
  ...eachOf(descriptions, comparedNumber),
  costUsd: Type.String({ description: 'The cost in dollars, exact to the nano-dollar, such as 0.0065.' }),
  ...eachOf(ofReliability, (text) =>
    Type.Optional(Type.Object(comparedNumber(text).properties, { description: text })),
  ),
};

const modelCalls = Type.Object({
  modelId: textOrNull('null for the rest.'),
  rest: Type.Optional(Type.Literal(true, { description: 'All models that are not shown one by one.' })),
  ...compared,
  costShare: numberOrNull('Share of all known costs, 0 to 1; null if there are none.'),
});

export const UsageOverviewSchema = Type.Object({
  ...adminFrame,
  ...comparisonFrame,
  granularity: GranularityShown,
  totals: Type.Object(compared),
  series: Type.Array(
    Type.Object({
      bucketStart: moment('Start of the bucket.'),
      ...partialField,
      ...eachOf(descriptions, (description) => Type.Number({ description })),
      ...eachOf(ofReliability, (text) => Type.Optional(numberOrNull(text))),
    }),
  ),
  models: Type.Array(modelCalls, {
    description: 'The models of the highest cost, at most nine with the rest. Together they are the totals.',
  }),
  restModels: Type.Integer({ description: 'How many models the rest adds up; 0 without a rest.' }),
  largestChanges: Type.Array(modelCalls, {
    description:
      'The models whose cost differs most from the time before, up or down; empty without a comparison.',
  }),
});
