/**
 * What is not in the log because nobody has proved anything yet: authorization requests,
 * registrations without a consent, failed sign-ins. Every entry has an end, and ends.
 */
export interface ExpiringEntry {
  readonly kind: string
  readonly id: string
  /** JSON. Never a secret in clear: its hash. */
  readonly body: unknown
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Expiring {
  put(entry: ExpiringEntry): Promise<void>
  /** The body, or undefined when there is none or it has expired. */
  get(kind: string, id: string): Promise<unknown>
  /** Changes the body and not the end; false when there is none or it has expired. */
  replace(entry: Omit<ExpiringEntry, 'expiresAt'>): Promise<boolean>
  /** Those of a kind that have not expired, the first to end first. */
  list(kind: string, rowsMax: number): Promise<{ id: string; body: unknown }[]>
  remove(kind: string, id: string): Promise<void>
  /** Removes and gives the body, or undefined as `get` does. Of many at once one gets it. */
  take(kind: string, id: string): Promise<unknown>
  /** Adds one to a counter and gives the sum; the counter ends `ttlSeconds` after its first count. */
  count(kind: string, id: string, ttlSeconds: number): Promise<number>
  /** Deletes what has expired, in small batches; gives how many. */
  purge(): Promise<number>
}

/**
 * When things were last used, for whom they belong to. Outside the log, and as coarse as whoever
 * notes it wants.
 */
export interface Uses {
  /** Written to disk within seconds, and lost if the process dies before. */
  note(entry: ExpiringEntry): void
  /** The body that was noted last, on disk already or not. */
  last(kind: string, id: string): Promise<unknown>
  forget(kind: string, id: string): Promise<void>
}

/** Secrets that must be kept (signing keys, password hashes), wrapped under a key outside the database. */
export interface SecretVault {
  read(id: string): Promise<Uint8Array | undefined>
}

/**
 * Coarse counts of what anonymous callers did, by hour. They enter the log as one event an hour.
 */
export interface Observations {
  /** Adds one; written to disk within seconds, and lost if the process dies before. */
  count(kind: string): void
  flush(): Promise<void>
  /**
   * The hours before this one whose counts have not entered the log. The append that records one
   * consumes `{ kind: 'observed_hour', id: String(hour) }`, so that it enters once.
   */
  finishedHours(): Promise<{ hour: number; counts: Record<string, number> }[]>
}
