import { type ReactNode, useState } from 'react';
import { Select, Ticks } from '../../parts/forms/choice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/exports.ts';
import { type NewSchedule, putSchedule, schedules as schedulesOf } from './queries.ts';

const datasets = ['focus', 'usage'] as const;
const grains = ['daily', 'hourly', 'monthly'] as const;
const formats = ['csv', 'csv.gz', 'ndjson.gz', 'parquet'] as const;
const USUAL_DAYS = '3';

interface NewScheduleDialogProps {
  org: string;
  onClose: () => void;
}

/** Asks for a schedule that closes each month. */
export function NewScheduleDialog({ org, onClose }: NewScheduleDialogProps): ReactNode {
  const [name, setName] = useState('finance');
  const [dataset, setDataset] = useState<NewSchedule['dataset']>('focus');
  const [granularity, setGranularity] = useState<(typeof grains)[number]>('daily');
  const [chosen, setChosen] = useState<(typeof formats)[number][]>(['csv']);
  const [days, setDays] = useState(USUAL_DAYS);
  const save = () =>
    putSchedule(org, name.trim(), {
      ...{ dataset, granularity, formats: chosen },
      monthly: { closeAfter: `${Number(days) * 24}h` },
    });
  const { form, schedules } = words;
  return (
    <FormDialog
      {...{ title: schedules.make, action: schedules, save, onClose }}
      changes={schedulesOf(org).queryKey}
      isFaulty={chosen.length === 0}
    >
      <Field label={schedules.name} hint={schedules.nameHint}>
        {(ids) => <TextInput {...ids} required value={name} onText={setName} />}
      </Field>
      <Field label={form.dataset}>
        {({ id }) => (
          <Select
            {...{ id, choices: datasets, chosen: dataset }}
            textOf={(choice) => words.datasets[choice]}
            onChoose={setDataset}
          />
        )}
      </Field>
      <Field label={form.grain}>
        {({ id }) => (
          <Select
            {...{ id, choices: grains, chosen: granularity }}
            textOf={(choice) => words.grains[choice]}
            onChoose={setGranularity}
          />
        )}
      </Field>
      <Field label={schedules.after} hint={schedules.afterHint}>
        {(ids) => (
          <TextInput {...ids} type="number" min={0} max={30} required value={days} onText={setDays} />
        )}
      </Field>
      <Ticks
        {...{ label: form.formats, choices: formats, chosen }}
        textOf={(choice) => words.formats[choice]}
        onChange={setChosen}
      />
    </FormDialog>
  );
}
