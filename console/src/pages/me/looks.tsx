import { type ReactNode, useId, useState } from 'react';
import { locale } from '../../numbers/locale.ts';
import { exactMoment } from '../../numbers/moment.ts';
import { exactMoney } from '../../numbers/money.ts';
import { percent } from '../../numbers/percent.ts';
import { Field } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../question/now.ts';
import { useSetSearch } from '../../question/question.ts';
import { browserZone, isZone } from '../../range/zone.ts';
import { recall, remember } from '../../style/remembered.ts';
import { words } from '../../words/settings/me.ts';
import styles from './me.module.css';

const EXAMPLE = 1_234_567.891;

/** An amount, a share and a moment as this browser shows them. */
function examplesAt(now: number, timeZone: string): string {
  const examples = [exactMoney(EXAMPLE), percent(0.0423), exactMoment(now, timeZone)];
  return examples.join(' · ');
}

/** The zone, which this browser remembers, and the style of numbers, which follows its language. */
export function Looks({ timeZone }: { timeZone: string }): ReactNode {
  const headingId = useId();
  const { now } = useNow();
  const setSearch = useSetSearch();
  const [zone, setZone] = useState(() => recall('zone') ?? '');
  const ownZone = browserZone();
  const isKnown = zone === '' || isZone(zone);
  const change = (text: string) => {
    setZone(text);
    if (text !== '' && !isZone(text)) return;
    remember('zone', text === '' ? undefined : text);
    setSearch({ tz: text === '' ? undefined : text }, { replace: true });
  };
  return (
    <section className={styles.panel} aria-labelledby={headingId}>
      <h2 id={headingId}>{words.looks.title}</h2>
      <div className={styles.fields}>
        <Field
          label={words.looks.zone}
          hint={
            isKnown ? (
              `${words.looks.browser(browserZone())} ${words.looks.zoneHint}`
            ) : (
              <Status level="critical">{words.looks.unknown}</Status>
            )
          }
        >
          {(ids) => (
            <TextInput
              {...ids}
              list="zones"
              aria-invalid={!isKnown}
              placeholder={ownZone}
              value={zone}
              onText={change}
            />
          )}
        </Field>
        <datalist id="zones">
          {Intl.supportedValuesOf('timeZone').map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <div>
          <h3>{words.looks.numbers}</h3>
          <p className={styles.quiet}>{words.looks.numbersText(locale ?? 'en')}</p>
          <p className="number">{examplesAt(now, timeZone)}</p>
        </div>
      </div>
    </section>
  );
}
