/** An event that waits, or is being sent. It is kept as its text, so a caller who changes the object changes nothing. */
export interface QueuedEvent {
  /** One line of JSON, without the line break. */
  text: string;
  /** Length of the line in UTF-8, with its line break. */
  bytes: number;
  /** Its place in the order of `track()`. */
  sequence: number;
}

/** What an event takes beside its text: the object, its place in the queue, the header of the string; bytes, measured on Node 24. */
const OVERHEAD = 96;

/** The memory that an event takes; bytes. A string with a character beyond Latin-1 has two bytes a character. */
function room({ text, bytes }: QueuedEvent): number {
  return OVERHEAD + (bytes > text.length + 1 ? 2 : 1) * text.length;
}

/** Events in the order of `track()`, bounded in bytes of memory. Events that are being sent count until they are settled. */
export class EventQueue {
  readonly #maxBytes: number;
  readonly #waiting: QueuedEvent[] = [];
  #bytes = 0;
  #waitingBytes = 0;

  /** @param maxBytes of all events that wait or are being sent */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Events that wait to be sent. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Bytes of the events that wait to be sent. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Adds an event at the end. Returns `false`, and changes nothing, if there is no room for it. */
  add(event: QueuedEvent): boolean {
    if (!this.reserve(event)) return false;
    this.#waiting.push(event);
    this.#waitingBytes += event.bytes;
    return true;
  }

  /** Makes room, until `settle`, for an event that does not wait. Returns `false` if there is none. */
  reserve(event: QueuedEvent): boolean {
    const bytes = this.#bytes + room(event);
    if (bytes > this.#maxBytes) return false;
    this.#bytes = bytes;
    return true;
  }

  /** Takes the first events, at least one unless none waits. They keep their room until `settle`. */
  take(maxEvents: number, maxBytes: number): QueuedEvent[] {
    let count = 0;
    let bytes = 0;
    for (const event of this.#waiting) {
      if (count === maxEvents || (count > 0 && bytes + event.bytes > maxBytes)) break;
      bytes += event.bytes;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  /** Gives back the room of events that were taken: they are stored, refused or dropped. */
  settle(events: readonly QueuedEvent[]): void {
    for (const event of events) this.#bytes -= room(event);
  }
}
