import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { pages } from './pages.ts';
import { RANGE_POPUP } from './range-control.tsx';

/** How long the second key of `g u` may take. */
const SECOND_KEY_WITHIN = 1_500;

interface KeyActions {
  onPalette: () => void;
  onKeys: () => void;
  onRefresh: () => void;
}

/** The keys of every page. They do nothing while somebody types, or while a dialog is open. */
export function useKeys({ onPalette, onKeys, onRefresh }: KeyActions): void {
  const navigate = useNavigate();
  useEffect(() => {
    let wasG = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      const { key } = event;
      if ((event.metaKey || event.ctrlKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        return onPalette();
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isBusy(event)) return;
      const isSecond = Date.now() - wasG < SECOND_KEY_WITHIN;
      wasG = key === 'g' ? Date.now() : 0;
      const page = isSecond ? pages.find((one) => one.key === key) : undefined;
      if (page !== undefined) void navigate({ to: page.path, search: keepShared });
      else if (key === '?') onKeys();
      else if (key === 'r') onRefresh();
      else if (key === 't') document.getElementById(RANGE_POPUP)?.showPopover();
      else if (key === '/') document.querySelector<HTMLElement>('[data-filter]')?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [navigate, onPalette, onKeys, onRefresh]);
}

function isBusy({ target }: KeyboardEvent): boolean {
  const isTyping =
    target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
  return isTyping || document.querySelector('dialog:modal, :popover-open') !== null;
}

/** The search of the next page: what all pages share stays, and what only the old one has goes. */
export const keepShared = (({ org, range, tz, live }: Record<string, unknown>) => ({
  org,
  range,
  tz,
  live,
})) as never;
