/**
 * Read, decide, append; again from the start when somebody was faster.
 *
 *   const outcome = await execute(log, cause, async (work) => {
 *     const user = await work.read(userDecider, userId)        // becomes a guard
 *     if (user.status !== 'active') return work.reject('user_not_active')
 *     return work.decide(grantDecider, grantId, command)       // becomes a write
 *   })
 *
 * Every stream that was read is guarded, whether or not it is written. So a decision holds for
 * exactly the state that it saw: disabling a user cannot race a rotation of that user's token.
 *
 * Work that is refused leaves no half of itself behind: only facts that a refusal recorded.
 */
import type { Decider, Decision } from './decider.ts'
import { streamOf } from './decider.ts'
import type { DomainEvent } from './event.ts'
import {
  type Append,
  type Appended,
  type Cause,
  type ConsumedEntry,
  type EventLog,
  type ExpiringKey,
  type FoldedStream,
  type StreamWrite,
  VersionConflict,
} from './event-log.ts'
import { newId } from './ids.ts'

/**
 * What is believed without having asked. It is good for an append alone, which holds only if all of
 * it was so; whatever ends without one has to be done again, on what the log says.
 */
export interface Guess {
  readonly streams: readonly FoldedStream[]
  readonly absent: readonly ExpiringKey[]
  /** Set by the append that proved it. */
  isProven: boolean
}

/** Nothing was written, and nothing must be concluded. */
export class WrongGuess extends Error {
  override name = 'WrongGuess'
}

/** How often a decision is taken anew before the conflict is reported as it is. */
const attemptsMax = 100

export type Outcome<R extends string> =
  | { readonly outcome: 'accepted'; readonly recorded: Appended['events'] }
  | { readonly outcome: 'refused'; readonly reason: R; readonly recorded: Appended['events'] }

/** What a piece of work came to; made by `Work`'s methods alone. */
export type Verdict<R extends string> =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: R }

interface Touched {
  readonly expectedVersion: number
  readonly stateSchema: number
  state: unknown
  readonly events: DomainEvent[]
  /** True once a refusal recorded facts here: they stand even though the work does not. */
  holdsFacts: boolean
}

export class Work {
  readonly #log: EventLog
  readonly #streams = new Map<string, Touched>()
  readonly #secrets: { id: string; value: Uint8Array }[] = []
  readonly #forgets: string[] = []
  readonly #consumes: ConsumedEntry[] = []
  readonly #ahead: ReadonlyMap<string, FoldedStream>

  /** @param ahead streams that were read already */
  constructor(log: EventLog, ahead: readonly FoldedStream[] = []) {
    this.#log = log
    this.#ahead = new Map(ahead.map((folded) => [folded.streamId, folded]))
  }

  /** Reads several streams in one question; worth it before several `read`s. */
  async prefetch(streams: readonly (readonly [AnyDecider, string])[]): Promise<void> {
    const missing = streams.filter(([d, id]) => !this.#streams.has(streamOf(d.noun, id)))
    const byId = new Map(missing.map(([d, id]) => [streamOf(d.noun, id), d]))
    for (const folded of await this.#load([...byId.keys()])) {
      const decider = byId.get(folded.streamId)
      if (decider) await this.#touch(decider, folded)
    }
  }

  /** A stream whose id was made just now, and which therefore need not be asked for. */
  begin(decider: AnyDecider, id: string): void {
    const streamId = streamOf(decider.noun, id)
    if (this.#streams.has(streamId)) return
    this.#hold(decider, { streamId, version: 0, state: decider.initial })
  }

  /** The state of a stream as of this attempt; from now on it is guarded. */
  async read<C, S, E extends DomainEvent, R extends string>(
    decider: Decider<C, S, E, R>,
    id: string,
  ): Promise<S> {
    const streamId = streamOf(decider.noun, id)
    if (!this.#streams.has(streamId)) await this.prefetch([[decider, id]])
    return this.#streams.get(streamId)?.state as S
  }

  /**
   * Decides a command on a stream. What it accepts is appended if the whole work is accepted;
   * facts that a refusal records are appended in any case.
   */
  async decide<C, S, E extends DomainEvent, R extends string>(
    decider: Decider<C, S, E, R>,
    id: string,
    command: C,
  ): Promise<Verdict<R>> {
    const state = await this.read(decider, id)
    const decision: Decision<E, R> = decider.decide(command, state)
    const touched = this.#streams.get(streamOf(decider.noun, id)) as Touched
    for (const event of decision.events) {
      touched.state = decider.evolve(touched.state as S, event)
      touched.events.push(event)
      if (decision.outcome === 'refused') touched.holdsFacts = true
    }
    return decision.outcome === 'accepted'
      ? { outcome: 'accepted' }
      : { outcome: 'refused', reason: decision.reason }
  }

  /** Refuses without a decider: what was read so far does not allow it. */
  reject<R extends string>(reason: R): Verdict<R> {
    return { outcome: 'refused', reason }
  }

  /** Keeps a secret from the moment that the events are written. */
  keepSecret(id: string, value: Uint8Array): void {
    this.#secrets.push({ id, value })
  }

  /** Deletes a secret at the moment that the events are written. */
  forgetSecret(id: string): void {
    this.#forgets.push(id)
  }

  /** Uses up an expiring entry together with the events. */
  consume(kind: string, id: string): void {
    this.#consumes.push({ kind, id })
  }

  /** The same for one that the decision depends on: when it has changed, the work is done anew. */
  consumeAsRead(entry: Required<ConsumedEntry>): void {
    this.#consumes.push(entry)
  }

  toAppend(cause: Cause, { outcome }: Verdict<string>): Append {
    const writes: StreamWrite[] = []
    const guards: { streamId: string; version: number }[] = []
    const stands = outcome === 'accepted'
    for (const [streamId, { holdsFacts, ...write }] of this.#streams) {
      if ((stands || holdsFacts) && write.events.length > 0) writes.push({ streamId, ...write })
      else guards.push({ streamId, version: write.expectedVersion })
    }
    return {
      commandId: newId('cmd'),
      cause,
      writes,
      guards,
      secrets: stands ? this.#secrets : [],
      forgets: stands ? this.#forgets : [],
      consumes: this.#consumes,
    }
  }

  async #load(streamIds: readonly string[]): Promise<FoldedStream[]> {
    const known = streamIds.flatMap((id) => this.#ahead.get(id) ?? [])
    if (known.length === streamIds.length) return known
    const others = await this.#log.load(streamIds.filter((id) => !this.#ahead.has(id)))
    return [...known, ...others]
  }

  async #touch(decider: AnyDecider, folded: FoldedStream): Promise<void> {
    const state = await this.#stateOf(decider, folded)
    // Somebody else in this work may have read it meanwhile, and decided on it.
    if (!this.#streams.has(folded.streamId)) this.#hold(decider, { ...folded, state })
  }

  #hold(
    { stateSchema }: AnyDecider,
    { streamId, version, state }: { streamId: string; version: number; state: unknown },
  ): void {
    const held = { expectedVersion: version, stateSchema, state, events: [], holdsFacts: false }
    this.#streams.set(streamId, held)
  }

  /** The stored state, or the events folded again where an older shape of it is stored. */
  async #stateOf(decider: AnyDecider, folded: FoldedStream): Promise<unknown> {
    if (folded.version === 0) return decider.initial
    if (folded.stateSchema === decider.stateSchema) return folded.state
    let state = decider.initial
    for await (const event of this.#log.replay({ streamId: folded.streamId })) {
      if (event.version <= folded.version) state = decider.evolve(state, event as never)
    }
    return state
  }
}

interface AnyDecider {
  readonly noun: string
  readonly stateSchema: number
  readonly initial: unknown
  evolve(state: unknown, event: never): unknown
}

export interface ExecuteOptions {
  readonly ahead?: Promise<readonly FoldedStream[]> | undefined
  readonly guess?: Guess | undefined
}

/**
 * Runs `work` until its append is not overtaken. A refusal that recorded facts is appended too.
 * @param options.ahead streams that were asked for before, and need not be asked for again
 * @param options.guess what is tried instead, once
 * @throws {VersionConflict} after 100 attempts
 * @throws {WrongGuess} when there is a guess, and no append that it was good for
 * @throws {KeyTaken | AlreadyConsumed | LogFenced | LogUnavailable} as the log says
 */
export async function execute<R extends string>(
  log: EventLog,
  cause: Cause,
  work: (work: Work) => Promise<Verdict<R>>,
  { ahead, guess }: ExecuteOptions = {},
): Promise<Outcome<R>> {
  if (guess) return executeGuess(log, cause, { work, guess })
  for (let attempt = 1; ; attempt += 1) {
    const unit = new Work(log, attempt === 1 ? await ahead : [])
    const verdict = await work(unit)
    const append = unit.toAppend(cause, verdict)
    if (append.writes.length === 0) return { ...verdict, recorded: [] }
    try {
      const { events } = await log.append(append)
      return { ...verdict, recorded: events }
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === attemptsMax) throw error
    }
  }
}

async function executeGuess<R extends string>(
  log: EventLog,
  cause: Cause,
  { work, guess }: { work: (work: Work) => Promise<Verdict<R>>; guess: Guess },
): Promise<Outcome<R>> {
  const unit = new Work(log, guess.streams)
  const verdict = await work(unit)
  const append = unit.toAppend(cause, verdict)
  if (append.writes.length === 0) throw new WrongGuess()
  // What was not even read may have led here all the same.
  const touched = new Set([...append.writes, ...append.guards].map(({ streamId }) => streamId))
  const others = guess.streams.filter(({ streamId }) => !touched.has(streamId))
  const guards = [...append.guards, ...others]
  try {
    const { events } = await log.append({ ...append, guards, absent: guess.absent })
    guess.isProven = true
    return { ...verdict, recorded: events }
  } catch (error) {
    if (error instanceof VersionConflict) throw new WrongGuess()
    throw error
  }
}
