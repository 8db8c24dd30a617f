import { createContext, useContext } from 'react';

export interface Now {
  /** The moment that moving ranges end at. */
  now: number;
  isLive: boolean;
  /** Asks everything again, as of now. */
  refresh: () => void;
}

export const NowContext = createContext<Now>({ now: 0, isLive: false, refresh: () => {} });

export function useNow(): Now {
  return useContext(NowContext);
}
