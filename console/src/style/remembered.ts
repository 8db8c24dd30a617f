/** What this browser remembers of a person. Nothing of it matters: without storage it is forgotten. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`tidemark.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`tidemark.${name}`);
    else localStorage.setItem(`tidemark.${name}`, value);
  } catch {
    // A private window may refuse.
  }
}
