declare module 'parse-prometheus-text-format' {
  /** One metric and its samples; those of an untyped metric have a value each. */
  interface Family {
    name: string;
    metrics: { value?: string; labels?: Record<string, string> }[];
  }
  const parse: (text: string) => Family[];
  export = parse;
}
