/** Works on tokens of any of the grants that a database was filled with, and not on a few. */
import type { Keyring } from '../../../src/domain/keyring.ts'
import type { Step, Worker } from '../load/worker.ts'
import { introspectionStep, type RefreshedTokens, refreshStep } from '../works/oauth-works.ts'
import type { Actor, Party } from '../works/party.ts'
import { GrantsOfClient, tokensOf } from './loaded-grants.ts'

export class LoadedWorks {
  readonly #keyring: Keyring
  readonly #walks: readonly GrantsOfClient[]
  /** Of grants whose refresh token has been rotated since. */
  readonly #rotated = new Map<number, RefreshedTokens>()

  constructor(keyring: Keyring, { clients, grants }: { clients: number; grants: number }) {
    this.#keyring = keyring
    this.#walks = Array.from(
      { length: clients },
      (_, client) => new GrantsOfClient(client, { clients, grants }),
    )
  }

  introspection(party: Party): Worker[] {
    return this.#each(party, (actor, number) =>
      introspectionStep(party, { actor, token: this.#tokens(number).accessToken, active: true }),
    )
  }

  refresh(party: Party): Worker[] {
    return this.#each(party, (actor, number) => {
      const { refreshToken } = this.#tokens(number)
      return refreshStep(party, { actor, refreshToken }, (tokens) =>
        this.#rotated.set(number, tokens),
      )
    })
  }

  #each(party: Party, step: (actor: Actor, number: number) => Step): Worker[] {
    return party.actors.map((actor, client) => ({
      next: () => step(actor, this.#walks[client]?.next() ?? client),
    }))
  }

  #tokens(number: number): RefreshedTokens {
    const rotated = this.#rotated.get(number)
    if (rotated) return rotated
    const { accessHandle: accessToken, refreshToken } = tokensOf(this.#keyring, number)
    return { accessToken, refreshToken }
  }
}
