import { type Field, Refusal } from '../field.ts';

/**
 * The currencies of ISO 4217 by the number of decimals of their minor unit: the yen has none, the Kuwaiti dinar three.
 * Funds, metals and test codes are left out, since nobody pays with them. Those that were replaced in the last 400 days
 * are kept, since orders may be as old.
 */
const codesByDecimals: Readonly<Record<number, readonly string[]>> = {
  0: ['BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  2: [
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD',
    'CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD',
    'HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD',
    'MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON',
    'RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD',
    'TZS UAH USD UYU UZS VES VED WST XCD XCG YER ZAR ZMW ZWG',
  ],
  3: ['BHD IQD JOD KWD LYD OMR TND'],
};

const decimalsByCode: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByDecimals).flatMap(([decimals, codes]) =>
    codes.flatMap((some) => some.split(' ')).map((code) => [code, Number(decimals)] as const),
  ),
);

/** Stored before codes were checked: taken as having two decimals, as cents have. */
const UNKNOWN_DECIMALS = 2;

/** The decimals of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorUnitDecimals(currency: string): number {
  return decimalsByCode.get(currency) ?? UNKNOWN_DECIMALS;
}

const refusal = new Refusal('a currency code of ISO 4217 in capital letters, such as EUR, USD, JPY or KWD');

/** The currency of an order. */
export const currencyField: Field = {
  column: 'currency',
  dimension: true,
  read: (value) => (typeof value === 'string' && decimalsByCode.has(value) ? value : refusal),
  about:
    'ISO 4217 code. Amounts are in the minor unit of the currency: cents of EUR, whole yen of JPY (47040 is ¥47,040), ' +
    'thousandths of KWD (47040 is 47.040 dinars). Amounts in different currencies are never added up',
  jsonSchema: { type: 'string', pattern: '^[A-Z]{3}$' },
};
