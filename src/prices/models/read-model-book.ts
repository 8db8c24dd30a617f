import type { Database } from '../../database/pool.ts';
import { listModelAliases } from './model-alias-table.ts';
import { ModelBook } from './model-book.ts';
import { listModelPrices } from './model-price-table.ts';

/** The prices of model calls as they are now, with the aliases of models. */
export async function readModelBook(database: Database): Promise<ModelBook> {
  return new ModelBook(await listModelPrices(database), await listModelAliases(database));
}
