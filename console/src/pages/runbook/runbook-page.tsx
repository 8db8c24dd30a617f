import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import runbook from '../../../../docs/runbooks/incident-response.md?raw';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { words } from '../../words/runbook.ts';
import { type Block, inlinesOf, type Section, sectionsOf } from './markdown.ts';
import styles from './runbook.module.css';
import { readRunbook } from './search.ts';

const sections = sectionsOf(runbook);
const [beforeYouStart] = sections;

/** The runbook of the documentation, a section at a time: it is there also when nothing else is. */
export function RunbookPage(): ReactNode {
  const { section: wanted = beforeYouStart?.anchor } = usePageSearch(readRunbook);
  const section = sections.find(({ anchor }) => anchor === wanted);
  return (
    <div className={styles.page}>
      <article className={styles.section}>
        {section === undefined ? (
          <Empty title={words.none}>{words.noneText}</Empty>
        ) : (
          <Shown key={section.anchor} section={section} />
        )}
      </article>
      <nav aria-label={words.sections} className={styles.list}>
        <ul>
          {sections.map(({ title, anchor }) => (
            <li key={anchor}>
              <SectionLink anchor={anchor} isCurrent={anchor === wanted}>
                {title}
              </SectionLink>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  );
}

function Shown({ section: { title, anchor, blocks } }: { section: Section }): ReactNode {
  const hasCode = blocks.some(({ kind }) => kind === 'code');
  return (
    <>
      <h2>{title}</h2>
      {hasCode && anchor !== beforeYouStart?.anchor && (
        <p className={styles.quiet}>
          <SectionLink anchor={beforeYouStart?.anchor ?? ''}>{words.before}</SectionLink>
        </p>
      )}
      {blocks.map((block, index) => (
        // Each has a name of its own, for screen readers.
        <Shape key={JSON.stringify(block)} block={block} title={`${title}, ${index + 1}`} />
      ))}
    </>
  );
}

function Shape({ block, title }: { block: Block; title: string }): ReactNode {
  switch (block.kind) {
    case 'text':
      return (
        <p>
          <Text of={block.text} />
        </p>
      );
    case 'code':
      return <CodeBlock label={title} text={block.text} />;
    case 'list':
      return (
        <ul className={styles.items}>
          {block.items.map((item) => (
            <li key={item}>
              <Text of={item} />
            </li>
          ))}
        </ul>
      );
    case 'table': {
      const columns = block.head.map((head, index) => ({
        ...{ id: String(index), title: `${head.charAt(0).toUpperCase()}${head.slice(1)}` },
        cell: (row: string[]) => <Text of={row[index] ?? ''} />,
      }));
      return (
        <div className={styles.table}>
          <DataTable
            {...{ caption: title, columns, rows: block.rows, isCards: true }}
            keyOf={(row) => row.join()}
          />
        </div>
      );
    }
  }
}

/** A text with its marks. What leads to other pages of the documentation is told without a link. */
function Text({ of }: { of: string }): ReactNode {
  return inlinesOf(of).map((part, index) => {
    const key = `${index} ${part.text}`;
    if (part.kind === 'strong') return <strong key={key}>{part.text}</strong>;
    if (part.kind === 'code') return <code key={key}>{part.text}</code>;
    if (part.kind === 'link' && part.to.startsWith('#')) {
      return (
        <SectionLink key={key} anchor={part.to.slice(1)}>
          {part.text}
        </SectionLink>
      );
    }
    return part.text;
  });
}

interface SectionLinkProps {
  anchor: string;
  isCurrent?: boolean;
  children: ReactNode;
}

function SectionLink({ anchor, isCurrent = false, children }: SectionLinkProps): ReactNode {
  return (
    <Link
      to="/runbook"
      search={((search: object) => ({ ...search, section: anchor })) as never}
      {...(isCurrent && { 'aria-current': 'page' as const })}
    >
      {children}
    </Link>
  );
}
