import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { dateAndTime } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { Status } from '../../parts/status.tsx';
import { useSetSearch } from '../../question/question.ts';
import type { Range } from '../../range/range.ts';
import { words as all } from '../../words/events.ts';
import styles from './events.module.css';
import type { Found } from './find.ts';
import { type Hidden, hiddenBecause } from './pasted.ts';
import type { LookUp } from './queries.ts';
import type { EventFilters } from './search.ts';

const words = all.find;

interface FindingProps {
  found: Found;
  range: Range;
  timeZone: string;
  filters: EventFilters;
}

/** What is known about an event, and why the page does not show it. */
export function Finding({ found, range, timeZone, filters }: FindingProps): ReactNode {
  const { refused, validity, otherOrg, ledger } = found;
  if (refused !== undefined) {
    return (
      <Status level="warning">
        {refused.kind === 'not-one' ? words.notOne : words.notJson(refused.reason)}
      </Status>
    );
  }
  return (
    <ul className={styles.findings}>
      {validity !== undefined && (
        <li>
          <Validity validity={validity} />
        </li>
      )}
      {otherOrg !== undefined && (
        <li>
          <Status level="warning">{words.otherOrg(otherOrg)}</Status>
        </li>
      )}
      {ledger.kind === 'no-id' && (
        <li>
          <Status level="unknown">{words.noId}</Status>
        </li>
      )}
      {ledger.kind === 'never' && (
        <li>
          <Status level="critical">
            {words.never} {words.neverText(ledger.detail)}
          </Status>
        </li>
      )}
      {ledger.kind === 'known' && (
        <Known {...{ lookUp: ledger.lookUp, range, timeZone, filters }} isHere={otherOrg === undefined} />
      )}
    </ul>
  );
}

function Validity({ validity }: { validity: NonNullable<Found['validity']> }): ReactNode {
  if (validity.kind === 'valid') return <Status level="good">{words.valid}</Status>;
  if (validity.kind === 'not-checked') return <Status level="unknown">{words.notChecked}</Status>;
  const { errors = [], detail } = validity.problem;
  return (
    <>
      <Status level="critical">{words.invalid}</Status>
      {errors.length === 0 && <p>{detail}</p>}
      <ul className={styles.faults}>
        {errors.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <code>{path}</code> {message}
          </li>
        ))}
      </ul>
    </>
  );
}

interface KnownProps extends Omit<FindingProps, 'found'> {
  lookUp: LookUp;
  isHere: boolean;
}

function Known({ lookUp, range, timeZone, filters, isHere }: KnownProps): ReactNode {
  const setSearch = useSetSearch();
  const { outcome, event, batch, eventId } = lookUp;
  const reasons = event === null || !isHere ? undefined : hiddenBecause(event, range, filters);
  return (
    <>
      <li>
        <Status level={outcome === 'refused' ? 'critical' : 'good'}>{words[outcome]}</Status>{' '}
        {isHere && <Button onClick={() => setSearch({ event: eventId })}>{words.open}</Button>}
      </li>
      {reasons?.length === 0 && (
        <li>
          <Status level="info">{words.hidden.none}</Status>
        </li>
      )}
      {reasons?.map((reason) => (
        <li key={JSON.stringify(reason)}>
          <Status level="warning">{hiddenText(reason, timeZone)}</Status>
        </li>
      ))}
      {batch !== null && (
        <li className={styles.quiet}>
          {words.batch(exactCount(batch.duplicates), exactCount(batch.conflicts))}{' '}
          {batch.rolledUpAt === null && words.waits}
        </li>
      )}
    </>
  );
}

function hiddenText(reason: Hidden, timeZone: string): string {
  if (reason.kind !== 'filter') return words.hidden[reason.kind](dateAndTime(reason.at, timeZone));
  return words.hidden.filter(all.fields[reason.filter], reason.value ?? words.missing);
}
