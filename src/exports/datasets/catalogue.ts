import type { Dataset } from '../dataset.ts';
import type { DatasetName } from '../request.ts';
import { eventsDataset } from './events.ts';
import { salesDataset } from './figures.ts';
import { focusDataset } from './focus.ts';
import { mlDataset } from './ml.ts';
import { alertsDataset, auditDataset } from './tables.ts';
import { usageDataset } from './usage.ts';

/** Everything that can be exported. */
export const datasets: Readonly<Record<DatasetName, Dataset>> = {
  usage: usageDataset,
  events: eventsDataset,
  ml: mlDataset,
  sales: salesDataset,
  alerts: alertsDataset,
  audit: auditDataset,
  focus: focusDataset,
};
