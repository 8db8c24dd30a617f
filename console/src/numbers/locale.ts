/** Numbers and dates follow the language of the browser. */
export const locale: string | undefined = typeof navigator === 'undefined' ? undefined : navigator.language;

/** What a page shows for a number that is not known. It is never 0. */
export const MISSING = '–';

const formats = new Map<string, Intl.NumberFormat>();

/** A number in digits. Making a format takes long, so each is made once. */
export function digits(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, options);
    formats.set(key, format);
  }
  return format.format(value);
}
