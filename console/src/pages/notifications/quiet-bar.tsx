import type { ReactNode } from 'react';
import { timeOfDay } from '../../numbers/moment.ts';
import { useNow } from '../../question/now.ts';
import { isZone, wallClock, zoneText } from '../../range/zone.ts';
import { words } from '../../words/notifications.ts';
import styles from './notifications.module.css';
import { DAY_MINUTES, isQuiet, quietParts } from './quiet-hours.ts';

interface QuietBarProps {
  from: string;
  to: string;
  timeZone: string;
}

const HEIGHT = 60;
const MARKED_HOURS = [6, 12, 18];

/** The quiet hours on a bar of 24 hours in their zone, with the time that it is there. */
export function QuietBar({ from, to, timeZone }: QuietBarProps): ReactNode {
  const { now } = useNow();
  const { preferences: text } = words;
  // Somebody may still be typing.
  if (!isZone(timeZone)) return null;
  const { hour, minute } = wallClock(now, timeZone);
  const current = hour * 60 + minute;
  const label = text.quietText(from, to, zoneText(now, timeZone));
  return (
    <div className={styles.quietHours}>
      <svg
        role="img"
        aria-label={`${text.quiet}: ${label}`}
        viewBox={`0 0 ${DAY_MINUTES} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={styles.bar}
      >
        {quietParts(from, to).map(([start, end]) => (
          <rect
            key={start}
            x={start}
            y="0"
            width={end - start}
            height={HEIGHT}
            className={styles.quietPart}
          />
        ))}
        {MARKED_HOURS.map((mark) => (
          <line key={mark} x1={mark * 60} x2={mark * 60} y1="0" y2={HEIGHT} className={styles.hour} />
        ))}
        <line x1={current} x2={current} y1="0" y2={HEIGHT} className={styles.current} />
      </svg>
      <div className={styles.hours} aria-hidden="true">
        {['0', ...MARKED_HOURS, '24'].map((mark) => (
          <span key={mark}>{mark}</span>
        ))}
      </div>
      <p className={styles.quiet}>
        {label}. {text.now(timeOfDay(now, timeZone))}
        {isQuiet(current, from, to) && ` ${text.quietNow}.`}
      </p>
    </div>
  );
}
