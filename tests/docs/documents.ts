import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Paths of the files below the folder, from the root of the repository. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

export interface Document {
  /** Path from the root of the repository. */
  path: string;
  text: string;
  /** The code spans in its lines, without fenced blocks. */
  code: string[];
  /** Targets of its links as written, without those outside the repository. */
  links: string[];
  /** The anchors of its headings. */
  anchors: string[];
}

const FENCED = /^```[\s\S]*?^```$/gm;

/** The anchor that GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function captures(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function readDocument(path: string): Document {
  const text = readFileSync(join(root, path), 'utf8');
  const prose = text.replace(FENCED, '');
  return {
    path,
    text,
    code: captures(prose, /`([^`]+)`/g).map((piece) => piece.replace(/\s+/g, ' ')),
    links: captures(prose, /\]\(([^)\s]+)\)/g).filter((link) => !/^\w+:/.test(link)),
    anchors: captures(prose, /^#+ (.+)$/gm).map(anchorOf),
  };
}

/** The documents of the repository. */
export const documents: readonly Document[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...filesBelow('docs').filter((path) => path.endsWith('.md')),
].map(readDocument);

/** The fault of a link of a document, or nothing. */
export function faultOfLink(from: Document, link: string, files: ReadonlySet<string>): string | undefined {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from.path : join(dirname(from.path), file).replace(/\/$/, '');
  const isFolder = [...files].some((known) => known.startsWith(`${path}/`));
  if (!files.has(path) && !isFolder) return `${from.path} links to ${link}, which is not there`;
  const target = documents.find((document) => document.path === path);
  if (anchor === undefined || target?.anchors.includes(anchor)) return undefined;
  return `${from.path} links to ${link}: there is no such heading`;
}

/** Whether a file has this name: by its path, by the end of its path, or by its name alone. */
export function namesFile(name: string, files: ReadonlySet<string>): boolean {
  return [...files].some((path) => path === name || path.endsWith(`/${name}`) || basename(path) === name);
}
