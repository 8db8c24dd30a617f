import { escapeLiteral } from 'pg';

/** A statement with its parameters as literals: COPY takes no parameters. */
export function inlineValues(text: string, values: readonly unknown[]): string {
  return text.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(values[Number(number) - 1]));
}

function literalOf(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return escapeLiteral(value);
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  if (Array.isArray(value)) return `array[${value.map(literalOf).join(', ')}]`;
  throw new TypeError(`a ${typeof value} cannot be part of a COPY`);
}
