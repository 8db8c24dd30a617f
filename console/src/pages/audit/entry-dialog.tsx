import type { ReactNode } from 'react';
import { exactMoment } from '../../numbers/moment.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Facts } from '../../parts/figures/facts.tsx';
import { words } from '../../words/settings/audit.ts';
import styles from './audit.module.css';
import { differences } from './diff.ts';
import type { Entry } from './queries.ts';

interface EntryDialogProps {
  entry: Entry;
  timeZone: string;
  onClose: () => void;
}

/** An entry with the fields that it changed, before and after. */
export function EntryDialog({ entry, timeZone, onClose }: EntryDialogProps): ReactNode {
  const changes = differences(entry.before, entry.after);
  return (
    <Dialog title={entry.action} onClose={onClose}>
      <Facts
        facts={{
          [words.columns.at]: exactMoment(entry.at, timeZone),
          [words.columns.actor]: `${entry.actorId}, ${words.via(entry.actorVia)}`,
          [words.columns.org]: entry.orgId ?? '–',
          [words.columns.subject]: entry.subject ?? '–',
          [words.request]: entry.route,
          [words.requestId]: entry.requestId,
        }}
      />
      {changes.length > 0 && (
        <table className={styles.diff}>
          <thead>
            <tr>
              <th scope="col">{words.diff.field}</th>
              <th scope="col">{words.diff.before}</th>
              <th scope="col">{words.diff.after}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ path, before, after }) => (
              <tr key={path}>
                <th scope="row">{path}</th>
                <td>{before === undefined ? <i>{words.diff.missing}</i> : <del>{before}</del>}</td>
                <td>{after === undefined ? <i>{words.diff.missing}</i> : <ins>{after}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}
