import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { rulesOf } from '../../alerting/rule-queries.ts';
import { Select, Ticks } from '../../parts/forms/choice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { TextArea } from '../../parts/forms/text-input.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/silences.ts';
import { type Draft, severities } from './draft.ts';
import styles from './silences.module.css';

interface MatchingProps {
  org: string;
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

/** Which alerts are silenced. */
export function MatchingFields({ org, draft, set }: MatchingProps): ReactNode {
  const { form } = words;
  return (
    <>
      <Field label={form.which}>
        {({ id }) => (
          <Select
            {...{ id, choices: ['all', 'some'], chosen: draft.which }}
            textOf={(choice) => form.whichChoices[choice]}
            onChoose={(which) => set({ which })}
          />
        )}
      </Field>
      {draft.which === 'some' && <RuleTicks {...{ org, draft, set }} />}
      <Field label={form.labels} hint={form.labelsHint}>
        {(ids) => <TextArea {...ids} rows={2} value={draft.labels} onText={(labels) => set({ labels })} />}
      </Field>
      <Ticks
        {...{ label: form.severities, choices: severities, chosen: draft.severities }}
        textOf={(choice) => words.severities[choice]}
        onChange={(chosen) => set({ severities: chosen })}
      />
    </>
  );
}

function RuleTicks({ org, draft, set }: MatchingProps): ReactNode {
  const { data } = useQuery(rulesOf(org));
  const owner = org === ALL_ORGS ? null : org;
  const known = data?.configs.filter(({ orgId }) => orgId === owner).map(({ name }) => name) ?? [];
  const names = [...new Set([...draft.rules, ...known])].sort((one, other) => one.localeCompare(other));
  if (data !== undefined && names.length === 0) return <p>{words.form.noRules}</p>;
  return (
    <div className={styles.rules}>
      <Ticks
        {...{ label: words.form.rules, choices: names, chosen: draft.rules }}
        textOf={(name) => name}
        onChange={(rules) => set({ rules })}
      />
    </div>
  );
}
