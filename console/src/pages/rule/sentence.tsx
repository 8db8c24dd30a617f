import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { fromField, type RuleType, type Scale, scaleOf, toField } from '../../alerting/draft.ts';
import { metricsQuery } from '../../alerting/rule-queries.ts';
import { dimensionText, metricText } from '../../words/names.ts';
import { words } from '../../words/rules.ts';
import { type Editing, Field, Seconds, Select } from './fields.tsx';
import styles from './rule.module.css';

const MINUTE = 60;
const windows = [1, 5, 10, 15, 30, 60, 180, 360, 720, 1_440].map((minutes) => minutes * MINUTE);
const lengths = [0, 1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE);
const types: readonly RuleType[] = ['threshold_above', 'threshold_below', 'rate_of_change', 'anomaly'];
const severities = ['info', 'warning', 'critical'] as const;

/** The rule as a sentence: when this of that is above so much, raise an alert. */
export function Sentence({ editing }: { editing: Editing }): ReactNode {
  const { draft, set } = editing;
  const { data } = useQuery(metricsQuery);
  const metric = data?.metrics.find(({ name }) => name === draft.metric);
  const names = data?.metrics.map(({ name }) => name) ?? [];
  const scale = scaleOf(draft.type, metric?.unit);
  const { fields } = words;
  return (
    <div className={styles.sentence}>
      <span>{words.when}</span>
      <Select
        {...{
          label: fields.metric,
          field: 'metric',
          editing,
          isInline: true,
          value: draft.metric,
          options: names,
        }}
        textOf={metricText}
        onChoose={(name) => set({ metric: name, groupBy: [], filters: {} })}
      />
      <span>{words.of}</span>
      <Groups editing={editing} dimensions={metric?.dimensions ?? []} />
      <Select
        {...{ label: fields.type, field: 'type', editing, isInline: true, value: draft.type, options: types }}
        textOf={(type) => words.types[type]}
        onChoose={(type) => set(defaultsOf(type, draft.type))}
      />
      <Threshold editing={editing} scale={scale} />
      <span>{words.within}</span>
      <Seconds
        {...{
          label: fields.windowSeconds,
          field: 'windowSeconds',
          editing,
          options: windows,
          isInline: true,
        }}
      />
      <span>{words.lasting}</span>
      <Seconds
        {...{ label: fields.forSeconds, field: 'forSeconds', editing, options: lengths, isInline: true }}
        zero={words.now}
      />
      <span>{words.raise}</span>
      <Select
        {...{ label: fields.severity, field: 'severity', editing, isInline: true, value: draft.severity }}
        options={severities}
        textOf={(severity) => words.severities[severity]}
        onChoose={(severity) => set({ severity })}
      />
      <span>{words.alert}.</span>
      {metric !== undefined && <p className={styles.about}>{metric.about}</p>}
    </div>
  );
}

/** A threshold means something else for another type, so it begins anew. */
function defaultsOf(type: RuleType, before: RuleType): Editing['draft'] | object {
  const isLevel = (one: RuleType) => one === 'threshold_above' || one === 'threshold_below';
  if (isLevel(type) && isLevel(before)) return { type };
  const cleared = { recoveryThreshold: null };
  if (type === 'anomaly') return { type, threshold: 3.5, windowSeconds: 900, ...cleared };
  if (type === 'rate_of_change') return { type, threshold: 50, ...cleared };
  return { type, threshold: 0.05, ...cleared };
}

/** By what the rule is divided: at most two dimensions here, as many as the rule has in YAML. */
function Groups({ editing, dimensions }: { editing: Editing; dimensions: readonly string[] }): ReactNode {
  const { draft, set } = editing;
  const groupBy = draft.groupBy ?? [];
  const slots = groupBy.length === 0 ? [''] : groupBy.length < 2 ? [...groupBy, ''] : groupBy;
  return slots.map((chosen, index) => {
    const free = dimensions.filter((one) => one === chosen || !groupBy.includes(one));
    const none = index === 0 ? words.all : '–';
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the place is what a slot is.
      <span key={index} className={styles.inline}>
        {index > 0 && <span>{words.and}</span>}
        <Select
          {...{ label: words.fields.groupBy, field: 'groupBy', editing, isInline: true, value: chosen }}
          options={['', ...free]}
          textOf={(one) => (one === '' ? none : words.each(dimensionText(one)))}
          onChoose={(one) =>
            set({ groupBy: slots.map((old, place) => (place === index ? one : old)).filter(Boolean) })
          }
        />
      </span>
    );
  });
}

/** The threshold in the unit that people use. */
function Threshold({ editing, scale }: { editing: Editing; scale: Scale }): ReactNode {
  const { draft, set, faults } = editing;
  const shown = toField(draft.threshold, scale);
  const [text, setText] = useState(shown);
  // The line of the preview, YAML and another type change it, too.
  useEffect(() => setText((old) => (old !== '' && Number(old) === Number(shown) ? old : shown)), [shown]);
  return (
    <Field {...{ label: words.fields.threshold, field: 'threshold', faults, isInline: true }}>
      {(own) => (
        <span className={styles.inline}>
          <input
            {...own}
            className={styles.number}
            type="number"
            step="any"
            value={text}
            onChange={({ target }) => {
              setText(target.value);
              if (target.value !== '' && target.validity.valid)
                set({ threshold: fromField(target.value, scale) });
            }}
          />
          {scale.unit}
        </span>
      )}
    </Field>
  );
}
