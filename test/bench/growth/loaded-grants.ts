/**
 * Grants that a database is filled with, and their tokens: each is derived from the grant's number,
 * so that any of millions can be presented without a list of them.
 */
import type { Keyring } from '../../../src/domain/keyring.ts'
import { type DerivedTokens, deriveTokens } from '../../../src/protocol/tokens/token-text.ts'

/** People have some apps each. */
export const grantsPerPerson = 10

const idDigits = 32

export function grantIdOf(number: number): string {
  return `grt_${String(number).padStart(idDigits, '0')}`
}

export function userIdOf(number: number): string {
  const person = Math.floor(number / grantsPerPerson)
  return `usr_${String(person).padStart(idDigits, '0')}`
}

export function codeOf(number: number): string {
  return `code of ${grantIdOf(number)}`
}

/** What the server would have derived, had it drawn this nonce. */
export function derivationOf(keyring: Keyring, number: number) {
  const [presented, grantId] = [codeOf(number), grantIdOf(number)]
  return { presented, grantId, generation: 1, keyVersion: keyring.current, nonce: 'benchmark' }
}

export function tokensOf(keyring: Keyring, number: number): DerivedTokens {
  return deriveTokens(keyring, derivationOf(keyring, number), 'glt')
}

/**
 * The numbers of one client's grants, in an order that jumps about; each once, then again. Those of
 * the first turns, which are used up, can be left out, and only some of the others taken.
 */
export class GrantsOfClient {
  readonly #client: number
  readonly #clients: number
  readonly #count: number
  readonly #used: number
  readonly #turns: number
  readonly #stride: number
  #turn = 0

  constructor(
    client: number,
    { clients, grants, used = 0, turns = grants }: Loaded & { used?: number; turns?: number },
  ) {
    this.#client = client
    this.#clients = clients
    this.#count = Math.floor((grants - client - 1) / clients) + 1
    this.#used = used
    this.#turns = Math.max(1, Math.min(turns, this.#count - used))
    this.#stride = coprimeTo(this.#count)
  }

  /** How many have been used up, with those that were before. */
  get used(): number {
    return Math.min(this.#used + this.#turn, this.#count)
  }

  next(): number {
    const turn = this.#used + (this.#turn % this.#turns)
    this.#turn += 1
    return this.#client + this.#clients * ((turn * this.#stride) % this.#count)
  }
}

/** What a database was filled with. */
export interface Loaded {
  readonly clients: number
  readonly grants: number
}

/** Near the golden section, so that neighbours in time are far apart on disk. */
function coprimeTo(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let stride = Math.max(1, Math.floor(count * 0.618))
  while (divisor(count, stride) !== 1) stride += 1
  return stride
}
