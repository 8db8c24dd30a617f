import { Type } from 'typebox';
import { textOrNull } from './nullable.ts';

/** A time, in a query or an answer. */
export function moment(description: string) {
  return Type.String({ maxLength: 40, description, 'x-time': true });
}

/** Whether it is a time as answers have it. */
export function isIsoTime(text: string): boolean {
  const millis = Date.parse(text);
  return !Number.isNaN(millis) && new Date(millis).toISOString() === text;
}

/** A text that is not empty. */
export function shortText(maxLength: number, description: string) {
  return Type.String({ minLength: 1, maxLength, description });
}

/** The path parameters of a route about one alert or one rule. */
export const uuidInPath = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** The org of an answer that may be about all orgs. */
export const orgOrAll = textOrNull('null means all orgs together.');

/** The same words wherever an answer says how complete it is. */
export const asOfEveryEvent = moment('Every event acknowledged before this time is in the numbers.');

/** Names of dimensions, such as modelId, and their values. */
export const groupOfValues = Type.Record(Type.String(), Type.String());
