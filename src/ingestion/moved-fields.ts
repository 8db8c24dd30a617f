import { eventTypes } from '../events/catalogue.ts';
import { didYouMean } from '../events/did-you-mean.ts';
import { knownNames, type ReadEvent } from '../events/read-event.ts';

/** What a sender should know about events that were accepted. */
export interface IngestWarning {
  /** The field as it was sent. */
  field: string;
  /** The number of events that have it. */
  events: number;
  /** The place of the first of them in what the caller sent. */
  firstIndex: number;
  detail: string;
}

/** The most warnings of one answer. A body can have a million names. */
const MAX_WARNINGS = 100;

/** Counts the unknown fields that are kept in metadata, by type and name. */
export class MovedFields {
  readonly #warnings = new Map<string, IngestWarning>();

  add(index: number, { moved = [], rows: [head] }: ReadEvent): void {
    const type = String(head?.type);
    for (const field of moved) {
      const key = `${type} ${field}`;
      const known = this.#warnings.get(key);
      if (known) known.events++;
      else if (this.#warnings.size < MAX_WARNINGS)
        this.#warnings.set(key, { field, events: 1, firstIndex: index, detail: detailOf(type, field) });
    }
  }

  /** The first hundred. */
  get warnings(): IngestWarning[] {
    return [...this.#warnings.values()];
  }
}

function detailOf(type: string, field: string): string {
  const definition = eventTypes.get(type);
  const meant = didYouMean(field, (definition && knownNames.get(definition)) ?? []);
  return `is not a field of ${type} events and is kept in metadata${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
