/** How much a caller wants a media type, from 0 to 1; `undefined` if the header does not name it. */
function weightOf(accept: string, type: string): number | undefined {
  for (const part of accept.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (name !== type) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
  }
  return undefined;
}

/** Whether an Accept header prefers CSV to JSON. Without either the answer is JSON. */
export function prefersCsv(accept: string | undefined): boolean {
  const csv = accept === undefined ? undefined : weightOf(accept, 'text/csv');
  if (accept === undefined || csv === undefined || csv === 0) return false;
  const json = weightOf(accept, 'application/json') ?? weightOf(accept, 'application/*');
  return csv >= (json ?? 0);
}
