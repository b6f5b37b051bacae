/**
 * Tells a client that there is an answer, if it wants to be told: what the answer is it learns by
 * asking, as who it is. A client that cannot be reached holds nobody up, and may ask all the same.
 *
 *   due ──POST──▶ 2xx: told ─┐
 *    ▲             else      ├─▶ BackChannelPinged
 *    └─ 5 s, 10 s, 20 s … ──▶ after the last attempt: not told
 *
 * @see [OpenID Connect CIBA Core 1.0 §10.2 - Ping Callback](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#ping_callback)
 */
import { backChannelDecider, backChannelId, type Pinged } from '../../domain/back-channel.ts'
import { execute } from '../../domain/execute.ts'
import { newId } from '../../domain/ids.ts'
import { lookUpClient } from '../clients/known-client.ts'
import type { Services } from '../services.ts'
import { unwrapNotification, type Wrapped } from './back-channel-notification.ts'
import { backChannelNotifyKind, type Question } from './back-channel-question.ts'

const dueKind = 'back-channel-due'
/** Five seconds, then twice as long each time: given up two and a half minutes after the answer. */
const attemptsMax = 6
const firstPauseSeconds = 5
/** Longer than all attempts together take. */
const keptMs = 15 * 60 * 1000
const answerBytesMax = 1024
const rowsMax = 50

interface Due {
  readonly clientId: string
  readonly userId: string
  readonly questionId: string
  readonly wrapped: Wrapped
  /** Those that were made. */
  readonly attempts: number
  readonly notBefore: number
}

/** To be called once the answer stands. */
export async function dueNotification(
  services: Services,
  { requestHash: id, clientId, userId, questionId }: Question,
): Promise<void> {
  const { expiring, now, logger } = services
  const wrapped = (await expiring.take(backChannelNotifyKind, id)) as Wrapped | undefined
  if (!wrapped) return
  const body: Due = { clientId, userId, questionId, wrapped, attempts: 0, notBefore: now() }
  await expiring.put({ kind: dueKind, id, body, expiresAt: now() + keptMs })
  // Whoever has answered does not wait for the client's server.
  void notifyClient(services, id).catch((error) =>
    logger.warn({ clientId, cause: String(error) }, 'a client was not told of an answer yet'),
  )
}

/** What is due now: what failed before, or was left by a process that ended. */
export async function notifyClients(services: Services): Promise<void> {
  const due = await services.expiring.list(dueKind, rowsMax)
  const isNow = ({ body }: { body: unknown }) => (body as Due).notBefore <= services.now()
  await Promise.all(due.filter(isNow).map(({ id }) => notifyClient(services, id)))
}

/** Of many at once one has it; its place is kept for a further attempt before it begins. */
async function notifyClient(services: Services, id: string): Promise<void> {
  const { expiring, now } = services
  const due = (await expiring.take(dueKind, id)) as Due | undefined
  if (!due) return
  const attempts = due.attempts + 1
  const isLast = attempts >= attemptsMax
  const notBefore = now() + firstPauseSeconds * 2 ** due.attempts * 1000
  const body: Due = { ...due, attempts, notBefore }
  if (!isLast) await expiring.put({ kind: dueKind, id, body, expiresAt: now() + keptMs })
  const { delivered, status } = await tell(services, due, id)
  if (!delivered && !isLast) return
  await expiring.remove(dueKind, id)
  const told = status === undefined ? {} : { status }
  await record(services, due, { questionId: due.questionId, delivered, attempts, ...told })
}

async function tell(
  services: Services,
  { clientId, wrapped }: Due,
  requestHash: string,
): Promise<{ delivered: boolean; status?: number }> {
  const { outbound, keyring, logger } = services
  const client = await lookUpClient(services, clientId)
  const url = client?.metadata.backChannel?.notificationEndpoint
  if (url === undefined) return { delivered: false }
  const { authReqId, token } = unwrapNotification(keyring, wrapped, requestHash)
  const answer = await outbound.request({
    url,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ auth_req_id: authReqId }),
    bytesMax: answerBytesMax,
    known: true,
  })
  if (answer.outcome === 'answered') {
    const { status } = answer
    return { delivered: status >= 200 && status < 300, status }
  }
  const { reason, cause } = answer
  logger.info({ clientId, reason, cause }, 'a client could not be told of an answer')
  return { delivered: false }
}

async function record(
  { log, now }: Services,
  { userId, clientId }: Due,
  pinged: Pinged,
): Promise<void> {
  const cause = { actor: 'system:back-channel', correlationId: newId('tsk') }
  const command = { kind: 'record ping', userId, clientId, now: now(), ...pinged } as const
  await execute<string>(log, cause, (work) =>
    work.decide(backChannelDecider, backChannelId(command), command),
  )
}
