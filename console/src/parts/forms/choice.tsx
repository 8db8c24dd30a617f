import type { ReactNode } from 'react';
import styles from './forms.module.css';

interface SelectProps<Choice extends string> {
  id?: string;
  label?: string;
  choices: readonly Choice[];
  chosen: Choice;
  textOf: (choice: Choice) => string;
  onChoose: (choice: Choice) => void;
}

/** One of several, as the browser's own list. */
export function Select<Choice extends string>(props: SelectProps<Choice>): ReactNode {
  const { id, label, choices, chosen, textOf, onChoose } = props;
  return (
    <select
      id={id}
      aria-label={label}
      className={styles.control}
      value={chosen}
      onChange={(event) => onChoose(event.target.value as Choice)}
    >
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {textOf(choice)}
        </option>
      ))}
    </select>
  );
}

interface TicksProps<Choice extends string> {
  label: string;
  choices: readonly Choice[];
  chosen: readonly Choice[];
  textOf: (choice: Choice) => string;
  onChange: (chosen: Choice[]) => void;
}

/** Any number of several. */
export function Ticks<Choice extends string>(props: TicksProps<Choice>): ReactNode {
  const { label, choices, chosen, textOf, onChange } = props;
  const toggle = (choice: Choice) =>
    onChange(choices.filter((one) => (one === choice ? !chosen.includes(one) : chosen.includes(one))));
  return (
    <fieldset className={styles.ticks}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice}>
          <input type="checkbox" checked={chosen.includes(choice)} onChange={() => toggle(choice)} />
          {textOf(choice)}
        </label>
      ))}
    </fieldset>
  );
}
