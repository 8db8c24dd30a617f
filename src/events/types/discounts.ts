import type { Row } from '../event-type.ts';
import type { JsonObject } from '../json-object.ts';

/** A fault of an event whose fields are right one by one, but not together. */
export interface JointFault {
  field: string;
  message: string;
}

function isDiscount({ value }: Row): boolean {
  return Number(value) < 0;
}

function attributesOf(row: Row): JsonObject {
  return typeof row.attributes === 'string' ? (JSON.parse(row.attributes) as JsonObject) : {};
}

/** The SKU that a discount names as the one it lowers. */
function appliesTo(row: Row): string | undefined {
  const named = attributesOf(row).appliesTo;
  return typeof named === 'string' ? named : undefined;
}

function total(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + Number(row.value), 0);
}

/**
 * Lowers lines by a discount in proportion to what is left of each. The cut of a line is the difference of two rounded
 * running sums, so that the cuts add up to the discount exactly, and none is larger than its line.
 */
function lower(lines: readonly Row[], discount: number): void {
  const all = BigInt(total(lines));
  if (all === 0n) return;
  let [reached, cut] = [0n, 0n];
  for (const line of lines) {
    reached += BigInt(Number(line.value));
    const cutSoFar = (BigInt(discount) * reached) / all;
    line.value = Number(line.value) - Number(cutSoFar - cut);
    cut = cutSoFar;
  }
}

/** The lines of products after discounts, and a discount that was larger than its lines. */
function afterDiscounts(lines: readonly Row[]): { products: Row[]; tooLarge?: number } {
  const products = lines.filter((line) => !isDiscount(line)).map((line) => ({ ...line }));
  // A discount of one product comes first, so that one of the whole order shares out what is left.
  const discounts = lines.map((line, index) => ({ line, index })).filter(({ line }) => isDiscount(line));
  discounts.sort((a, b) => Number(appliesTo(b.line) !== undefined) - Number(appliesTo(a.line) !== undefined));
  for (const { line, index } of discounts) {
    const sku = appliesTo(line);
    const lowered = sku === undefined ? products : products.filter((product) => product.sku === sku);
    if (total(lowered) + Number(line.value) < 0) return { products, tooLarge: index };
    lower(lowered, -Number(line.value));
  }
  return { products };
}

/** Refuses an order whose discounts are larger than what they lower: nobody is paid for an order, or for a refund. */
export function faultOfDiscounts(lines: readonly Row[]): JointFault | undefined {
  const misplaced = lines.findIndex((line) => !isDiscount(line) && appliesTo(line) !== undefined);
  if (misplaced >= 0) {
    return {
      field: `items[${misplaced}].appliesTo`,
      message: 'belongs to a discount, a line with a negative priceCents; remove it here',
    };
  }
  if (!lines.some(isDiscount)) return undefined;
  if (lines.every(isDiscount)) {
    return {
      field: 'items',
      message:
        'must not add up to less than 0. A refund or cancellation carries positive amounts, those that it gives back. ' +
        'A line with a negative priceCents is a discount, and needs the lines that it lowers',
    };
  }
  const { tooLarge } = afterDiscounts(lines);
  if (tooLarge === undefined) return undefined;
  const sku = appliesTo(lines[tooLarge] ?? {});
  return {
    field: `items[${tooLarge}].priceCents`,
    message:
      `is a discount larger than ${sku === undefined ? 'the other lines of the order' : `the lines of SKU ${sku}`}; ` +
      'it may lower them to 0. A refund carries positive amounts',
  };
}

/** The rows of an order to store: lines of products after their discounts, which the order itself keeps in `attributes`. */
export function settleDiscounts(rows: readonly Row[]): readonly Row[] {
  const [head, ...lines] = rows;
  const discounts = lines.filter(isDiscount);
  if (!head || discounts.length === 0) return rows;
  const { products } = afterDiscounts(lines);
  const kept = discounts.map((line) => ({ sku: line.sku, ...attributesOf(line), value: line.value }));
  return [
    {
      ...head,
      quantity: products.reduce((sum, line) => sum + Number(line.quantity), 0),
      attributes: JSON.stringify({ ...attributesOf(head), discounts: kept }),
    },
    ...products,
  ];
}
