import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { meQuery } from '../api/shared-queries.ts';
import { date, timeOfDay } from '../numbers/moment.ts';
import { useNow } from '../question/now.ts';
import { type Question, useQuestion } from '../question/question.ts';
import { zoneText } from '../range/zone.ts';
import { words } from '../words/shell.ts';
import { AccountMenu } from './account-menu.tsx';
import { CopyLink } from './copy-link.tsx';
import { FreshnessPill } from './freshness-pill.tsx';
import { icons } from './icons.tsx';
import { keepShared, useKeys } from './keys.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { LiveToggle } from './live-toggle.tsx';
import { Logo } from './logo.tsx';
import { useIsOnline } from './online.ts';
import { nameOf, OrgSwitcher } from './org-switcher.tsx';
import { type PageLink, pageAt, pages, titleOf } from './pages.ts';
import { Palette } from './palette/palette.tsx';
import { RangeControl } from './range-control.tsx';
import styles from './shell.module.css';

type Open = 'palette' | 'keys' | undefined;

/** Everything around a page. */
export function Shell(): ReactNode {
  const question = useQuestion();
  const { refresh } = useNow();
  const [open, setOpen] = useState<Open>();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const isOnline = useIsOnline();
  const onPalette = useCallback(() => setOpen('palette'), []);
  const onKeys = useCallback(() => setOpen('keys'), []);
  const onClose = useCallback(() => setOpen(undefined), []);
  useKeys({ onPalette, onKeys, onRefresh: refresh });
  const current = pageAt(path);
  const title = current === undefined ? words.product : titleOf(current);

  useEffect(() => {
    document.title = current === undefined ? title : `${title} · ${words.product}`;
  }, [current, title]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {words.skip}
      </a>
      <Side org={question.org} path={path} onPalette={onPalette} onKeys={onKeys} />
      <div className={styles.main}>
        {!isOnline && (
          <p className={styles.offline} role="status">
            {words.offline}
          </p>
        )}
        <Top title={title} question={question} hasRange={current?.hasRange !== false} />
        <main id="content" className={styles.content} tabIndex={-1}>
          {/* Another org is another page: nothing of the last one stays on it. */}
          <Outlet key={question.org} />
        </main>
      </div>
      {open === 'palette' && <Palette org={question.org} onClose={onClose} />}
      {open === 'keys' && <KeysDialog onClose={onClose} />}
    </div>
  );
}

interface SideProps {
  org: string;
  path: string;
  onPalette: () => void;
  onKeys: () => void;
}

/** What leads elsewhere. On a phone it is behind the menu button. */
function Side({ org, path, onPalette, onKeys }: SideProps): ReactNode {
  const [isMenuOpen, setMenuOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when it has led to another page.
  useEffect(() => setMenuOpen(false), [path]);
  return (
    <aside aria-label={words.menu} className={`${styles.side} ${isMenuOpen ? styles.sideOpen : ''}`}>
      <div className={styles.brand}>
        <Link to="/" search={keepShared} className={styles.logo}>
          <Logo />
          {words.product}
        </Link>
        <button
          type="button"
          className={styles.menuButton}
          aria-expanded={isMenuOpen}
          aria-label={words.menu}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          {icons.menu}
        </button>
      </div>
      <div className={styles.sideContent}>
        <OrgSwitcher org={org} />
        <button type="button" className={styles.search} onClick={onPalette}>
          {icons.search}
          <span>{words.palette.open}</span>
          <kbd>{navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'} K</kbd>
        </button>
        <Navigation />
        <div className={styles.account}>
          <AccountMenu onKeys={onKeys} />
        </div>
      </div>
    </aside>
  );
}

interface TopProps {
  title: string;
  question: Question;
  hasRange: boolean;
}

/** The name of the page, and what it is about. */
function Top({ title, question, hasRange }: TopProps): ReactNode {
  return (
    <header className={styles.top}>
      <h1>{title}</h1>
      <p className={styles.printed}>{printedAbout(question, hasRange)}</p>
      <div className={styles.controls}>
        <span className={styles.freshness}>
          <FreshnessPill key={question.org} org={question.org} timeZone={question.timeZone} />
        </span>
        <LiveToggle question={question} />
        <CopyLink question={question} />
        {hasRange && <RangeControl range={question.range} timeZone={question.timeZone} />}
      </div>
    </header>
  );
}

/** What a printed page is about: on paper there is no address. */
function printedAbout({ org, range, timeZone }: Question, hasRange: boolean): string {
  const moment = (at: number) => `${date(at, timeZone, { year: true })}, ${timeOfDay(at, timeZone)}`;
  const time = `${moment(range.start)} – ${moment(range.end)}, ${zoneText(range.end, timeZone)}`;
  return [nameOf(org), ...(hasRange ? [time] : [])].join(' · ');
}

function Navigation(): ReactNode {
  const { data: me } = useQuery(meQuery);
  const mayShow = ({ needs }: PageLink) =>
    needs === undefined || me === undefined || me.capabilities.some((capability) => capability === needs);
  const groups = Object.entries(Object.groupBy(pages.filter(mayShow), ({ group }) => group));
  return (
    <nav aria-label={words.nav} className={styles.nav}>
      {groups.map(([group, links]) => (
        <div key={group}>
          <h2>{words.groups[group as PageLink['group']]}</h2>
          <ul>
            {links.map((page) => (
              <li key={page.id}>
                <Link
                  to={page.path}
                  search={keepShared}
                  activeOptions={{ exact: page.path === '/', includeSearch: false }}
                >
                  {page.icon}
                  {titleOf(page)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
