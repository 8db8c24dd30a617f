import { type ReactNode, useState } from 'react';
import { Select, Ticks } from '../../parts/forms/choice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useNow } from '../../question/now.ts';
import type { Question } from '../../question/question.ts';
import { words } from '../../words/exports.ts';
import styles from './exports.module.css';
import { type Draft, exportOf, lastMonth } from './new-export.ts';
import { type Job, startExport } from './queries.ts';

const datasets = ['usage', 'focus', 'events', 'ml', 'sales', 'alerts', 'audit'] as const;
const grains = ['hourly', 'daily', 'monthly'] as const;
const formats = ['csv', 'csv.gz', 'ndjson.gz', 'parquet'] as const;

interface StartExportProps {
  question: Question;
  /** The export that is run again. */
  like: Job | undefined;
  onClose: () => void;
}

/** Asks what to export, and starts it. */
export function StartExport({ question, like, onClose }: StartExportProps): ReactNode {
  const { now } = useNow();
  const [draft, setDraft] = useState(() => draftLike(like, now));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const start = () => {
    const request = exportOf(draft, question);
    return startExport(
      question.org,
      like === undefined ? request : { ...request, timeRange: like.timeRange },
    );
  };
  const { form } = words;
  return (
    <FormDialog
      title={like === undefined ? words.make : words.again}
      action={{ save: form.start, saving: form.starting }}
      {...{ save: start, changes: ['exports', question.org], onClose }}
      isFaulty={draft.formats.length === 0}
    >
      <Field label={form.dataset}>
        {({ id }) => (
          <Select
            {...{ id, choices: datasets, chosen: draft.dataset }}
            textOf={(choice) => words.datasets[choice]}
            onChoose={(dataset) => change({ dataset })}
          />
        )}
      </Field>
      {like === undefined && <TimeFields draft={draft} change={change} />}
      {(draft.dataset === 'usage' || draft.dataset === 'focus') && (
        <UsageFields draft={draft} change={change} />
      )}
      <Ticks
        {...{ label: form.formats, choices: formats, chosen: draft.formats }}
        textOf={(choice) => words.formats[choice]}
        onChange={(chosen) => change({ formats: chosen })}
      />
      {like !== undefined && <p className={styles.quiet}>{form.again}</p>}
    </FormDialog>
  );
}

interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function TimeFields({ draft, change }: FieldsProps): ReactNode {
  const { form } = words;
  return (
    <>
      <Field label={form.time}>
        {({ id }) => (
          <Select
            {...{ id, choices: ['month', 'range'] as const, chosen: draft.time }}
            textOf={(choice) => form.times[choice]}
            onChoose={(time) => change({ time })}
          />
        )}
      </Field>
      {draft.time === 'month' && (
        <Field label={form.month}>
          {(ids) => (
            <TextInput
              {...ids}
              type="month"
              required
              pattern="\d{4}-\d{2}"
              value={draft.month}
              onText={(month) => change({ month })}
            />
          )}
        </Field>
      )}
    </>
  );
}

/** What only exports of rollups have. */
function UsageFields({ draft, change }: FieldsProps): ReactNode {
  const { form } = words;
  return (
    <>
      <Field label={form.grain}>
        {({ id }) => (
          <Select
            {...{ id, choices: grains, chosen: draft.granularity }}
            textOf={(choice) => words.grains[choice]}
            onChoose={(granularity) => change({ granularity })}
          />
        )}
      </Field>
      <Field label={form.models} hint={form.modelsHint}>
        {(ids) => <TextInput {...ids} value={draft.models} onText={(models) => change({ models })} />}
      </Field>
      {draft.dataset === 'usage' && (
        <label className={styles.tick}>
          <input
            type="checkbox"
            checked={draft.byClient}
            onChange={(event) => change({ byClient: event.target.checked })}
          />
          {form.byClient}
        </label>
      )}
    </>
  );
}

function draftLike(like: Job | undefined, now: number): Draft {
  const chosen = formats.filter((format) => like?.files.some((file) => file.format === format));
  return {
    dataset: like?.dataset ?? 'usage',
    time: 'month',
    month: lastMonth(now),
    granularity: like?.granularity ?? 'daily',
    formats: chosen.length > 0 ? chosen : ['csv'],
    models: '',
    byClient: false,
  };
}
