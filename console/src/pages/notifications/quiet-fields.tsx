import type { ReactNode } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/notifications.ts';
import styles from './notifications.module.css';
import type { Editing } from './preference-draft.ts';
import { QuietBar } from './quiet-bar.tsx';

/** The quiet hours, with the bar of 24 hours that they make. */
export function QuietFields({ draft, set }: Editing): ReactNode {
  const { form, quietNote } = words.preferences;
  const { from, to, zone } = draft;
  return (
    <>
      <label className={styles.tick}>
        <input
          type="checkbox"
          checked={draft.isQuiet}
          onChange={(event) => set({ isQuiet: event.target.checked })}
        />
        {form.hasQuiet}
      </label>
      {draft.isQuiet && (
        <>
          <div className={styles.pair}>
            <Field label={form.from}>
              {(ids) => (
                <TextInput
                  {...{ ...ids, type: 'time', required: true, value: from }}
                  onText={(text) => set({ from: text })}
                />
              )}
            </Field>
            <Field label={form.to}>
              {(ids) => (
                <TextInput
                  {...{ ...ids, type: 'time', required: true, value: to }}
                  onText={(text) => set({ to: text })}
                />
              )}
            </Field>
          </div>
          <QuietBar from={from} to={to} timeZone={zone} />
          <p className={styles.quiet}>{quietNote}</p>
        </>
      )}
      <Field label={form.zone}>
        {(ids) => (
          <TextInput {...{ ...ids, required: true, value: zone }} onText={(text) => set({ zone: text })} />
        )}
      </Field>
    </>
  );
}
