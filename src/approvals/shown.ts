/**
 * What a person is shown before they decide, as one text: the page and the message are made from
 * it, and its hash is what an answer names. The hash is keyed, since amounts can be guessed, and it
 * is over who is asked, by whom and for which tool too, so that it fits no other question.
 */
import type { ApprovalKind, AskedApproval } from '../domain/approval-events.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Payment } from '../domain/job-events.ts'
import { equalSecrets, type Keyring } from '../domain/keyring.ts'

export interface Shown {
  readonly kind: ApprovalKind
  readonly tool: string
  /** What the tool is called with; of a payment, what its worker says of it. */
  readonly parameters: unknown
  readonly payment?: Omit<Payment, 'parameters'>
  /** What the worker says beside it. */
  readonly note?: string
}

export type About = Pick<AskedApproval, 'approvalId' | 'userId' | 'agentId' | 'clientId' | 'tool'>

export function textOf(shown: Shown): string {
  return canonicalJson(shown)
}

export function hashOf(
  keyring: Keyring,
  about: About,
  { text, version = keyring.current }: { text: string; version?: number },
): string {
  const { approvalId, userId, agentId, clientId, tool } = about
  const who = agentId === undefined ? [userId, clientId] : [userId, clientId, agentId]
  return keyring.mac('approval', [approvalId, ...who, tool, text], version)
}

/** What stands in the log, if it is what was hashed; undefined for what was erased or altered. */
export function readShown(
  keyring: Keyring,
  { shown: text, shownHash, ...about }: About & { shown: string | null; shownHash: string },
): Shown | undefined {
  if (text === null) return undefined
  const isIntact = keyring.versions.some((version) =>
    equalSecrets(hashOf(keyring, about, { text, version }), shownHash),
  )
  return isIntact ? (JSON.parse(text) as Shown) : undefined
}

/** Each member of what the tool is called with, as text. */
export function shownParameters({ parameters }: Shown): { name: string; text: string }[] {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return [{ name: 'arguments', text: wordsOf(parameters) }]
  }
  return Object.entries(parameters).map(([name, value]) => ({ name, text: wordsOf(value) }))
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? 'null')
}
