import type { Dataset } from '../dataset.ts';
import type { DatasetName } from '../request.ts';
import { eventsDataset } from './events.ts';
import { focusDataset } from './focus.ts';
import { usageDataset } from './usage.ts';

/** Everything that can be exported. */
export const datasets: Readonly<Record<DatasetName, Dataset>> = {
  usage: usageDataset,
  events: eventsDataset,
  focus: focusDataset,
};
