import { useEffect, useRef } from 'react';

/** How long the second key of `g u` may take; the shell reads those keys. */
const SECOND_KEY_WITHIN = 1_500;

/** Single keys of a page, before those of the shell. They do nothing while somebody types, or while a dialog is open. */
export function useActionKeys(actions: Record<string, (() => void) | undefined>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    let wasG = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      const isTyping =
        event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
      if (isTyping || document.querySelector('dialog:modal, :popover-open') !== null) return;
      const isSecond = Date.now() - wasG < SECOND_KEY_WITHIN;
      wasG = event.key === 'g' ? Date.now() : 0;
      const action = isSecond ? undefined : latest.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, []);
}
