import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { keepShared } from '../../shell/keys.ts';
import { Sparkline } from './sparkline.tsx';
import styles from './tile.module.css';

interface TileProps {
  label: string;
  /** The page with the details. */
  to?: string;
  /** The number, in short. */
  figure: ReactNode;
  /** How it differs from the time before. */
  change?: ReactNode;
  /** Its course, by bucket. */
  course?: readonly (number | null)[];
  note?: ReactNode;
}

/** A number with its name, its change and its course. */
export function Tile({ label, to, figure, change, course, note }: TileProps): ReactNode {
  return (
    <section className={styles.tile} aria-label={label}>
      <h2 className={styles.label}>
        {to === undefined ? (
          label
        ) : (
          <Link to={to} search={keepShared}>
            {label}
          </Link>
        )}
      </h2>
      <p className={styles.figure}>{figure}</p>
      <p className={styles.change}>{change}</p>
      {course !== undefined && <Sparkline values={course} />}
      {note !== undefined && <p className={styles.note}>{note}</p>}
    </section>
  );
}

/** Tiles side by side, as many as there is room for. */
export function Tiles({ children }: { children: ReactNode }): ReactNode {
  return <div className={styles.tiles}>{children}</div>;
}
