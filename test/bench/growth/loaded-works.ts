/** Works on tokens of any of the grants that a database was filled with, and not on a few. */
import type { Keyring } from '../../../src/domain/keyring.ts'
import type { Step, Worker } from '../load/worker.ts'
import { introspectionStep, type RefreshedTokens, refreshStep } from '../works/oauth-works.ts'
import type { Actor, Party } from '../works/party.ts'
import { GrantsOfClient, type Loaded, tokensOf } from './loaded-grants.ts'

const tokensInUse = 10_000

export class LoadedWorks {
  readonly #keyring: Keyring
  readonly #some: readonly GrantsOfClient[]
  readonly #any: readonly GrantsOfClient[]
  readonly #refreshed: readonly GrantsOfClient[]
  /** Of grants whose refresh token has been rotated since. */
  readonly #rotated = new Map<number, RefreshedTokens>()

  /** @param loaded.used of how many grants of each client the first refresh token was used */
  constructor(keyring: Keyring, loaded: Loaded & { readonly used: number }) {
    this.#keyring = keyring
    const { clients, grants, used } = loaded
    const walks = (part: { used?: number; turns?: number }) =>
      Array.from(
        { length: clients },
        (_, at) => new GrantsOfClient(at, { clients, grants, ...part }),
      )
    this.#some = walks({ turns: Math.ceil(tokensInUse / clients) })
    this.#any = walks({})
    this.#refreshed = walks({ used })
  }

  get used(): number {
    return Math.max(...this.#refreshed.map(({ used }) => used))
  }

  /**
   * Of ten thousand grants from everywhere, as many as are in use at a time, or of any grant. They
   * are the first access tokens, which rotations leave as they are.
   */
  introspection(party: Party, { ofAny }: { ofAny: boolean }): Worker[] {
    return workers(party, ofAny ? this.#any : this.#some, (actor, number) => {
      const token = this.#tokens(number).accessToken
      return introspectionStep(party, { actor, token, active: true })
    })
  }

  refresh(party: Party): Worker[] {
    return workers(party, this.#refreshed, (actor, number) => {
      const { refreshToken } = this.#rotated.get(number) ?? this.#tokens(number)
      return refreshStep(party, { actor, refreshToken }, (tokens) =>
        this.#rotated.set(number, tokens),
      )
    })
  }

  #tokens(number: number): RefreshedTokens {
    const { accessToken, refreshToken } = tokensOf(this.#keyring, number)
    return { accessToken, refreshToken }
  }
}

function workers(
  { actors }: Party,
  walks: readonly GrantsOfClient[],
  step: (actor: Actor, number: number) => Step,
): Worker[] {
  return actors.map((actor, client) => ({
    next: () => step(actor, walks[client]?.next() ?? client),
  }))
}
