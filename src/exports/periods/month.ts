/** Months of UTC, by their first moment in milliseconds. */

const TEXT = /^(\d{4})-(0[1-9]|1[0-2])$/;

export function monthStart(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** The month that is so many months later, or earlier for a number below 0. */
export function addMonths(month: number, months: number): number {
  const date = new Date(month);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** `2026-10`. */
export function monthText(month: number): string {
  return new Date(month).toISOString().slice(0, 7);
}

/** The month of such a text; `undefined` if it is none. */
export function readMonth(text: string): number | undefined {
  const match = TEXT.exec(text);
  return match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, 1) : undefined;
}

/** When a month is due to be closed. */
export function dueAt(month: number, closeAfter: number): number {
  return addMonths(month, 1) + closeAfter;
}
