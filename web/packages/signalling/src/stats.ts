/** One entry of getStats(). The DOM types cover a part of the fields only, so they are read by name and checked. */
export type StatisticsEntry = Readonly<Record<string, unknown>>;

interface Kinds {
  number: number;
  string: string;
  boolean: boolean;
}

/** A field of the wanted kind, or undefined where the browser does not have it. */
export function statistic<K extends keyof Kinds>(entry: StatisticsEntry | undefined, name: string, kind: K): Kinds[K] | undefined {
  const value = entry?.[name];
  return typeof value === kind ? (value as Kinds[K]) : undefined;
}
