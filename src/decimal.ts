/** Decimals as text, with the whole number of units of their last digit. */

/** An amount in units of its last digit as text: 1250000 of scale 6 is `1.250000`. */
export function decimalText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The same without zeros at its end: 1250000 of scale 6 is `1.25`. */
export function shortDecimal(units: bigint, scale: number): string {
  return decimalText(units, scale).replace(/\.?0+$/, '');
}

/** The units of the last digit that a decimal has. @param scale how many digits it may have after the point */
export function decimalUnits(text: string, scale: number): bigint {
  const point = text.indexOf('.');
  const fraction = point === -1 ? '' : text.slice(point + 1);
  const whole = point === -1 ? text : text.slice(0, point);
  if (fraction.length > scale) throw new RangeError(`${text} has more than ${scale} digits after the point`);
  return BigInt(whole + fraction.padEnd(scale, '0'));
}
