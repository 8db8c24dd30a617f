import type { ReactNode } from 'react';
import { Choices } from '../../parts/button.tsx';
import { Select, Ticks } from '../../parts/forms/choice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/silences.ts';
import { type Draft, days, type Length, lengths } from './draft.ts';
import styles from './silences.module.css';

interface TimeProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

const lengthChoices = [...Object.keys(lengths), 'until'] as Length[];

/** When nobody is told: once, or every week. */
export function TimeFields({ draft, set }: TimeProps): ReactNode {
  const { form } = words;
  return (
    <>
      <div>
        <Choices
          label={form.kind}
          choices={['once', 'window']}
          chosen={draft.kind}
          textOf={(choice) => form.kinds[choice]}
          onChoose={(kind) => set({ kind })}
        />
      </div>
      {draft.kind === 'once' ? <OnceFields {...{ draft, set }} /> : <WindowFields {...{ draft, set }} />}
    </>
  );
}

function OnceFields({ draft, set }: TimeProps): ReactNode {
  const { form } = words;
  return (
    <>
      <Field label={form.length}>
        {({ id }) => (
          <Select
            {...{ id, choices: lengthChoices, chosen: draft.length }}
            textOf={(choice) => form.lengths[choice]}
            onChoose={(length) => set({ length })}
          />
        )}
      </Field>
      {draft.length === 'until' && (
        <div className={styles.pair}>
          <Field label={form.from} hint={form.fromHint(draft.timeZone)}>
            {(ids) => (
              <TextInput {...ids} type="datetime-local" value={draft.from} onText={(from) => set({ from })} />
            )}
          </Field>
          <Field label={form.to}>
            {(ids) => (
              <TextInput
                {...{ ...ids, required: true, type: 'datetime-local', value: draft.to }}
                onText={(to) => set({ to })}
              />
            )}
          </Field>
        </div>
      )}
    </>
  );
}

function WindowFields({ draft, set }: TimeProps): ReactNode {
  const { form } = words;
  return (
    <>
      <Ticks
        {...{ label: form.days, choices: days, chosen: draft.days }}
        textOf={(day) => words.days[day]}
        onChange={(chosen) => set({ days: chosen })}
      />
      <div className={styles.pair}>
        <Field label={form.opens}>
          {(ids) => (
            <TextInput
              {...{ ...ids, required: true, type: 'time', value: draft.opens }}
              onText={(opens) => set({ opens })}
            />
          )}
        </Field>
        <Field label={form.closes} hint={form.overnight}>
          {(ids) => (
            <TextInput
              {...{ ...ids, required: true, type: 'time', value: draft.closes }}
              onText={(closes) => set({ closes })}
            />
          )}
        </Field>
        <Field label={form.zone}>
          {(ids) => (
            <TextInput
              {...{ ...ids, required: true, value: draft.timeZone }}
              onText={(timeZone) => set({ timeZone })}
            />
          )}
        </Field>
        <Field label={form.last} hint={form.lastHint}>
          {(ids) => (
            <TextInput {...ids} type="datetime-local" value={draft.last} onText={(last) => set({ last })} />
          )}
        </Field>
      </div>
    </>
  );
}
