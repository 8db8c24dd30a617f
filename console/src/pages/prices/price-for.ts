/** What a price is for, as a row of another table names it. */
export interface PriceFor {
  model: string;
  provider: string;
}
