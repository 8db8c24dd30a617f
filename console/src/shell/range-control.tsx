import { type FormEvent, type ReactNode, useState } from 'react';
import { date, dateAndTime, exactMoment, monthName } from '../numbers/moment.ts';
import { Button } from '../parts/button.tsx';
import { Popover } from '../parts/popover.tsx';
import { type Question, useSetSearch } from '../question/question.ts';
import { fieldText, momentOfField } from '../range/field.ts';
import { type MovingRange, movingRanges, type Range, rangeText } from '../range/range.ts';
import { browserZone, isZone, wallClock, zoneText } from '../range/zone.ts';
import { remember } from '../style/remembered.ts';
import { words } from '../words/shell.ts';
import { icons } from './icons.tsx';
import styles from './range-control.module.css';

/** The id of its pop-up, which the key `t` opens. */
export const RANGE_POPUP = 'range-control';

/** Chooses the time that the page is about, and the zone of its days. */
export function RangeControl({ range, timeZone }: Pick<Question, 'range' | 'timeZone'>): ReactNode {
  const setSearch = useSetSearch();
  const title = `${exactMoment(range.start, timeZone)} – ${exactMoment(range.end, timeZone)}`;
  const label = (
    <>
      {icons.calendar}
      <span title={title}>{rangeWords(range, timeZone)}</span>
      <span className={styles.zone}>{zoneText(range.end, timeZone)}</span>
    </>
  );
  return (
    <Popover label={label} title={words.range.label} id={RANGE_POPUP} className={styles.opener}>
      {(close) => (
        <div className={styles.popup}>
          <ul className={styles.names}>
            {movingRanges.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  aria-current={name === range.text || undefined}
                  onClick={() => {
                    setSearch({ range: name });
                    close();
                  }}
                >
                  {words.range.names[name]}
                  {name === range.text && icons.check}
                </button>
              </li>
            ))}
          </ul>
          <CustomRange key={`${range.text} ${timeZone}`} range={range} timeZone={timeZone} onDone={close} />
        </div>
      )}
    </Popover>
  );
}

/** A range in words: `Last 7 days`, or its two moments. */
function rangeWords({ text, start, end }: Range, timeZone: string): string {
  const name = movingRanges.find((range) => range === text) as MovingRange | undefined;
  if (name === 'month' || name === 'last-month') return monthName(start, timeZone);
  if (name !== undefined) return words.range.names[name];
  const isDays = [start, end].every(
    (moment) => wallClock(moment, timeZone).hour === 0 && wallClock(moment, timeZone).minute === 0,
  );
  if (isDays) return `${date(start, timeZone)} – ${date(end - 1, timeZone, { year: true })}`;
  return `${dateAndTime(start, timeZone)} – ${dateAndTime(end, timeZone)}`;
}

interface CustomRangeProps {
  range: Range;
  timeZone: string;
  onDone: () => void;
}

function CustomRange({ range, timeZone, onDone }: CustomRangeProps): ReactNode {
  const setSearch = useSetSearch();
  const [start, setStart] = useState(() => fieldText(range.start, timeZone));
  const [end, setEnd] = useState(() => fieldText(range.end, timeZone));
  const [zone, setZone] = useState(timeZone);
  const [fault, setFault] = useState<string>();
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (!isZone(zone)) return setFault(words.range.zoneUnknown);
    const isChanged = start !== fieldText(range.start, timeZone) || end !== fieldText(range.end, timeZone);
    const [from, to] = [momentOfField(start, zone), momentOfField(end, zone)];
    if (isChanged && !(from < to)) return setFault(words.range.wrongOrder);
    remember('zone', zone === browserZone() ? undefined : zone);
    setSearch({ tz: zone, ...(isChanged && { range: rangeText(from, to) }) });
    onDone();
  };
  return (
    <form className={styles.custom} onSubmit={apply}>
      <label>
        {words.range.from}
        <input
          type="datetime-local"
          required
          value={start}
          onChange={(event) => setStart(event.target.value)}
        />
      </label>
      <label>
        {words.range.to}
        <input type="datetime-local" required value={end} onChange={(event) => setEnd(event.target.value)} />
      </label>
      <label>
        {words.range.zone}
        <input list="zones" required value={zone} onChange={(event) => setZone(event.target.value)} />
        <datalist id="zones">
          {['UTC', ...Intl.supportedValuesOf('timeZone')].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      {zone !== browserZone() && (
        <button type="button" className={styles.link} onClick={() => setZone(browserZone())}>
          {words.range.browserZone}: {browserZone()}
        </button>
      )}
      {fault !== undefined && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
      <Button type="submit" kind="primary">
        {words.range.apply}
      </Button>
    </form>
  );
}
