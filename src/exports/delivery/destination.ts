import type { Writable } from 'node:stream';

/** A file on its way to its destination. Nobody sees it before `finish`. */
export interface Upload {
  stream: Writable;
  /** Makes the file visible, once the stream has ended. It then survives a loss of power. */
  finish(): Promise<void>;
  /** Gives the file up. It never throws. */
  discard(): Promise<void>;
}

/** Where the files of exports go. Paths have `/` between their parts. */
export interface Destination {
  create(path: string, contentType: string): Promise<Upload>;
  /** The text of a small file; `undefined` if there is none. */
  readText(path: string): Promise<string | undefined>;
  /** Removes a folder with everything in it, if it is there. */
  removeFolder(path: string): Promise<void>;
  /** The address of a folder, for people and programs. */
  uriOf(folder: string): string;
}
