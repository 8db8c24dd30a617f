import type { Notice } from './notice.ts';
import { inUnit, plainNumber } from './quantity.ts';

/** What somebody did to the rule, such as `raised the threshold from 10 to 20`. */
export function editOf(notice: Notice): string {
  const { edit, type } = notice;
  if (!edit) return 'changed the rule';
  const { field, from, to } = edit;
  if (typeof from !== 'number' || typeof to !== 'number')
    return `changed ${field} from ${from ?? 'its default'} to ${to ?? 'its default'}`;
  const isLevel = ['threshold', 'recoveryThreshold', 'minimumChange', 'floor'].includes(field);
  const inMetricUnit = field !== 'threshold' || type === 'threshold_above' || type === 'threshold_below';
  const [before, after] = [from, to].map((number) =>
    isLevel && inMetricUnit ? inUnit(number, notice, [from, to]) : plainNumber(number, [from, to]),
  );
  const name = field === 'threshold' ? 'the threshold' : field;
  return `${to > from ? 'raised' : 'lowered'} ${name} from ${before} to ${after}`;
}
