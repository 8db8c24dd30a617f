import type { Writable } from 'node:stream';
import type { ExportRequest } from '../request.ts';

/** A file on its way to its destination. */
export interface Upload {
  stream: Writable;
  /** Resolves once the file is there for good, after the stream has ended. */
  finish(): Promise<void>;
  /** Gives the file up. It never throws. */
  discard(): Promise<void>;
}

/** An attempt at a job. Each has a folder of its own, so that two workers never write the same file. */
export interface Attempt {
  jobId: string;
  /** 1 at the first attempt. */
  attempt: number;
  request: ExportRequest;
}

/** Where the files of exports go. Paths have `/` between their parts. */
export interface Destination {
  /** The folder of all attempts at a job. */
  folderOfJob(job: Omit<Attempt, 'attempt'>): string;
  create(path: string, contentType: string): Promise<Upload>;
  /** Removes a folder with everything in it, if it is there. */
  removeFolder(path: string): Promise<void>;
  /** The address of a folder, for people and programs. */
  uriOf(folder: string): string;
  /** A link of the destination itself; `undefined` if only this service can send the file. @param ttl milliseconds */
  link?(path: string, file: { name: string; contentType: string }, ttl: number): Promise<string>;
}

/** The folder of one attempt. */
export function folderOf(destination: Destination, attempt: Attempt): string {
  return `${destination.folderOfJob(attempt)}/${attempt.attempt}`;
}
