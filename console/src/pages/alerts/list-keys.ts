import { useEffect, useRef } from 'react';

/** How long the second key of `g u` may take; the shell reads those keys. */
const SECOND_KEY_WITHIN = 1_500;

interface ListKeys {
  onAcknowledge: (ids: readonly string[]) => void;
  onResolve: (ids: readonly string[]) => void;
  chosen: readonly string[];
}

/**
 * The keys of a list of alerts. `a` and `r` act on the chosen alerts, or on the one whose row has the focus. The arrows move
 * between rows. Without either alert, the keys are those of the shell.
 */
export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let wasG = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isElsewhere(event.target)) return;
      const isSecond = Date.now() - wasG < SECOND_KEY_WITHIN;
      wasG = event.key === 'g' ? Date.now() : 0;
      if (isSecond) return;
      if (act(event, latest.current)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    // Before the shell, whose `r` refreshes.
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, []);
}

function act({ key, target }: KeyboardEvent, { chosen, onAcknowledge, onResolve }: ListKeys): boolean {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-alert]') : null;
  if (key === 'ArrowDown' || key === 'ArrowUp') return moveFocus(row, key === 'ArrowDown' ? 1 : -1);
  if (key === 'Enter' && target instanceof HTMLInputElement && row !== null) {
    row.querySelector('a')?.click();
    return true;
  }
  const ids = chosen.length > 0 ? chosen : row?.dataset.alert !== undefined ? [row.dataset.alert] : [];
  if (ids.length === 0) return false;
  if (key === 'a') onAcknowledge(ids);
  else if (key === 'r') onResolve(ids);
  else return false;
  return true;
}

/** Moves the focus to the box of another row; from elsewhere on the list, to the first. */
function moveFocus(row: HTMLElement | null, by: 1 | -1): boolean {
  if (row === null) return false;
  const rows = [...document.querySelectorAll<HTMLElement>('[data-alert]')];
  const next = rows[rows.indexOf(row) + by];
  next?.querySelector<HTMLElement>('input, a')?.focus();
  return next !== undefined;
}

/** Whether somebody types, or a dialog is open. A box to tick is no text. */
function isElsewhere(target: EventTarget | null): boolean {
  const field =
    target instanceof Element ? target.closest('input, textarea, select, [contenteditable]') : null;
  const isText = field !== null && !(field instanceof HTMLInputElement && field.type === 'checkbox');
  return isText || document.querySelector('dialog:modal, :popover-open') !== null;
}
