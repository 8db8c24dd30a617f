import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { metricsQuery } from '../../alerting/rule-queries.ts';
import { Button } from '../../parts/button.tsx';
import { dimensionText } from '../../words/names.ts';
import { words } from '../../words/rules.ts';
import { Escalation } from './escalation.tsx';
import { type Editing, Field, Seconds, Select } from './fields.tsx';
import { RecipientRow, replaced } from './recipient-row.tsx';
import styles from './rule.module.css';

const MINUTE = 60;
const lengths = [0, 1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE);
const intervals = [10, 30, 60, 300, 900];
const repeats = [0, 15, 30, 60, 240, 1_440].map((minutes) => minutes * MINUTE);
const meanings = ['keep', 'alert', 'ok'] as const;

/** What the sentence does not say: the name, the recipients, and the rest. */
export function Settings({ editing }: { editing: Editing }): ReactNode {
  const { draft, set } = editing;
  const { fields } = words;
  return (
    <>
      <div className={styles.fields}>
        <Text {...{ field: 'name', editing, isRequired: true }} onLeave={editing.leaveName} />
      </div>
      <Filters editing={editing} />
      <Channels editing={editing} />
      <Escalation editing={editing} />
      <details className={styles.more}>
        <summary>{words.more}</summary>
        <div className={styles.fields}>
          <Text {...{ field: 'description', editing }} />
          <Text {...{ field: 'runbookUrl', editing }} />
          <Seconds
            {...{ label: fields.recoverySeconds, field: 'recoverySeconds', editing, options: lengths }}
            zero={words.now}
            missing={words.byDefault}
          />
          <Seconds
            {...{ label: fields.intervalSeconds, field: 'intervalSeconds', editing, options: intervals }}
            missing={words.byDefault}
          />
          <Seconds
            {...{ label: fields.repeatSeconds, field: 'repeatSeconds', editing, options: repeats }}
            zero={words.never}
            missing={words.byDefault}
          />
          <Amount {...{ field: 'minimumSamples', editing }} />
          <Select
            {...{
              label: fields.noData,
              field: 'noData',
              editing,
              value: draft.noData ?? 'keep',
              options: meanings,
            }}
            textOf={(meaning) => words.noData[meaning]}
            onChoose={(noData) => set({ noData })}
          />
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={draft.onData ?? false}
              onChange={({ target }) => set({ onData: target.checked })}
            />
            {fields.onData}
          </label>
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={draft.enabled ?? true}
              onChange={(event) => set({ enabled: event.target.checked })}
            />
            {fields.enabled}
          </label>
        </div>
      </details>
    </>
  );
}

interface TextProps {
  field: 'name' | 'description' | 'runbookUrl';
  editing: Editing;
  isRequired?: boolean;
  onLeave?: () => void;
}

function Text({ field, editing: { draft, set, faults }, isRequired = false, onLeave }: TextProps): ReactNode {
  return (
    <Field {...{ label: words.fields[field], field, faults }}>
      {(own) => (
        <input
          {...own}
          name={field}
          required={isRequired}
          onBlur={onLeave}
          value={draft[field] ?? ''}
          onChange={({ target }) =>
            set({ [field]: target.value === '' && field === 'runbookUrl' ? null : target.value })
          }
        />
      )}
    </Field>
  );
}

function Amount({
  field,
  editing: { draft, set, faults },
}: {
  field: 'minimumSamples';
  editing: Editing;
}): ReactNode {
  return (
    <Field {...{ label: words.fields[field], field, faults }}>
      {(own) => (
        <input
          {...own}
          type="number"
          min={0}
          value={draft[field] ?? ''}
          onChange={({ target }) => set({ [field]: target.value === '' ? undefined : Number(target.value) })}
        />
      )}
    </Field>
  );
}

function Filters({ editing: { draft, set, faults } }: { editing: Editing }): ReactNode {
  const { data } = useQuery(metricsQuery);
  const filters = draft.filters ?? {};
  const dimensions = data?.metrics.find(({ name }) => name === draft.metric)?.dimensions ?? [];
  const [dimension, setDimension] = useState('');
  const free = dimensions.filter((one) => !(one in filters));
  return (
    <fieldset className={styles.rows}>
      <legend>{words.fields.filters}</legend>
      <Field {...{ label: words.fields.filters, field: 'filters', faults, isInline: true }}>
        {(own) => (
          <select
            {...own}
            value={dimension}
            onChange={({ target }) => {
              if (target.value !== '') set({ filters: { ...filters, [target.value]: '' } });
              setDimension('');
            }}
          >
            <option value="">{words.addFilter}</option>
            {free.map((one) => (
              <option key={one} value={one}>
                {dimensionText(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {Object.entries(filters).map(([name, value]) => (
        <span key={name} className={styles.inline}>
          <label>
            {name}{' '}
            <input
              value={String(value)}
              onChange={({ target }) => set({ filters: { ...filters, [name]: target.value } })}
            />
          </label>
          <Button
            kind="quiet"
            aria-label={words.remove(name)}
            onClick={() =>
              set({ filters: Object.fromEntries(Object.entries(filters).filter(([one]) => one !== name)) })
            }
          >
            ×
          </Button>
        </span>
      ))}
    </fieldset>
  );
}

function Channels({ editing: { draft, set, faults } }: { editing: Editing }): ReactNode {
  const chosen = draft.channels ?? [];
  return (
    <fieldset className={styles.rows}>
      <legend>{words.fields.channels}</legend>
      {chosen.map((recipient, index) => (
        <RecipientRow
          // biome-ignore lint/suspicious/noArrayIndexKey: recipients have no id, and stay in their order.
          key={index}
          recipient={recipient}
          onChange={(changed) => set({ channels: replaced(chosen, index, changed) })}
          onRemove={() => set({ channels: replaced(chosen, index) })}
        />
      ))}
      <Field {...{ label: words.addChannel, field: 'channels', faults, isInline: true }}>
        {(own) => (
          <Button {...own} onClick={() => set({ channels: [...chosen, { channel: 'email' }] })}>
            {words.addChannel}
          </Button>
        )}
      </Field>
      {chosen.length === 0 && <p className={styles.about}>{words.channelsHint}</p>}
    </fieldset>
  );
}
