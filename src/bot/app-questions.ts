/**
 * A client asks a person from elsewhere, and the bot asks on: what the page shows, and two buttons.
 * Whoever presses one has the person's Telegram and no more, so what takes a better or newer proof
 * of who they are, or more than a yes, has the way to the page and no button.
 *
 * @see [OpenID Connect CIBA Core 1.0 §8 - End-User Authentication](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.8)
 */
import { AlreadyConsumed } from '../domain/event-log.ts'
import { newId } from '../domain/ids.ts'
import { sha256 } from '../domain/keyring.ts'
import { languageOf } from '../identity/person-language.ts'
import { isStrongEnough } from '../identity/proof.ts'
import { findUser, type User } from '../projections/users.ts'
import {
  approveQuestion,
  denyQuestion,
  givableOf,
} from '../protocol/authorization/back-channel-answer.ts'
import {
  type Question as Asked,
  findQuestion,
  questionsPath,
} from '../protocol/authorization/back-channel-question.ts'
import { type KnownClient, lookUpClient } from '../protocol/clients/known-client.ts'
import { describeScope, findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { cleanText } from '../web/clean-text.ts'
import { durationInWords, inUtc } from '../web/time.tsx'
import { type Words, wordsFor } from '../web/words/words.ts'
import type { Approvals, Question } from './approval-buttons.ts'
import { foreign, hashCharacters, textCharactersMax } from './question-text.ts'

interface Found {
  readonly asked: Asked
  readonly user: User
  readonly question: Question
}

/** All that the message says, in no language; what a button names is the hash of it. */
type Shown = NonNullable<ReturnType<typeof shownOf>>

/** What the bot sends; undefined where there is nothing to answer. */
export async function appQuestionOf(
  services: Services,
  { questionId, userId }: { questionId: string; userId: string },
): Promise<Found | undefined> {
  const { settings, reader } = services
  if (!settings.ciba.enabled) return undefined
  const asked = await findQuestion(services, { userId, questionId })
  const user = asked && (await findUser(reader, userId))
  const client = asked && (await lookUpClient(services, asked.clientId))
  const shown = user && client && shownOf(services, { asked, user, client })
  if (!shown) return undefined
  const language = await languageOf(services, userId)
  const words = wordsFor({ uiLocales: language })
  const url = `${settings.issuer}${questionsPath}/${questionId}`
  const common = { userId, language }
  const first = headOf(shown, words)
  if (!isForButtons(services, { asked, user, client })) {
    const text = [first, words.bot.onPage, url].join('\n')
    return { asked, user, question: { ...common, text } }
  }
  const text = [...linesOf(shown, words), url].join('\n')
  if (text.length > textCharactersMax) {
    const short = [first, words.bot.tooLong, url].join('\n')
    return { asked, user, question: { ...common, text: short } }
  }
  const hash = sha256(JSON.stringify(shown)).slice(0, hashCharacters)
  return { asked, user, question: { ...common, text, reference: `${questionId}-${hash}` } }
}

/** The same functions as the page's form; of several answers at once one counts. */
export async function decideAppQuestion(
  services: Services,
  { userId, reference, choice }: Parameters<Approvals['decide']>[0],
): Promise<'recorded' | 'not_open'> {
  const [questionId = ''] = reference.split('-')
  const found = await appQuestionOf(services, { questionId, userId })
  if (found?.question.reference !== reference) return 'not_open'
  const { asked, user } = found
  if (choice === 'deny') return (await denyQuestion(services, asked)) ? 'recorded' : 'not_open'
  const { email, emailVerifiedAt, admin, groups } = user
  const person = { userId, email, emailVerifiedAt, admin, groups }
  const approver = { ...person, amr: [], channel: 'telegram' as const }
  const answer = { approver, correlationId: newId('cor') }
  try {
    return (await approveQuestion(services, asked, answer)) ? 'recorded' : 'not_open'
  } catch (error) {
    if (!(error instanceof AlreadyConsumed)) throw error
    return 'not_open'
  }
}

interface About {
  readonly asked: Asked
  readonly user: User
  readonly client: KnownClient
}

/** A name that hides something, or that nobody vouches for, is shown with the page's remarks. */
function isForButtons({ settings }: Services, { asked, user, client }: About): boolean {
  const { acrValues = [], maxAgeSeconds, authorizationDetails = [] } = asked
  const name = cleanText(client.metadata.clientName)
  const isPlain = name.text !== '' && !name.hidden && !name.mixedScripts
  return (
    acrValues.length === 0 &&
    maxAgeSeconds === undefined &&
    authorizationDetails.length === 0 &&
    client.registeredVia === 'preregistered' &&
    isPlain &&
    isStrongEnough(settings, user, [])
  )
}

function shownOf(services: Services, { asked, user, client }: About) {
  const { settings } = services
  const access = givableOf(services, asked, user)
  const resources = access.flatMap(({ resource: identifier, scopes }) => {
    const resource = findResource(settings, identifier)
    if (!resource) return []
    const { name, accessTokenTtlSeconds, refreshTokenTtlSeconds, risk } = resource
    const told = scopes.map((scope) => ({
      scope,
      description: describeScope(resource, scope),
      isRisky: risk[scope] === 'high',
    }))
    return [{ name, identifier, scopes: told, accessTokenTtlSeconds, refreshTokenTtlSeconds }]
  })
  if (resources.length === 0 || resources.length < access.length) return undefined
  const { clientName, clientUri } = client.metadata
  const { bindingMessage, expiresAt } = asked
  return { clientId: asked.clientId, clientName, clientUri, resources, bindingMessage, expiresAt }
}

function appIn({ clientName }: Shown, { shell }: Words): string {
  return foreign(cleanText(clientName).text || shell.unnamedApp)
}

function headOf(shown: Shown, words: Words): string {
  const names = words.consent.and(shown.resources.map(({ name }) => foreign(name)))
  return words.bot.asksWho(appIn(shown, words), names)
}

function linesOf(shown: Shown, words: Words): string[] {
  const { resources, bindingMessage, clientUri, expiresAt } = shown
  const { backChannel, consent, approvals, bot } = words
  const message =
    bindingMessage === undefined
      ? backChannel.noMessage
      : `${backChannel.message} ${foreign(bindingMessage)}`
  const most = (seconds: readonly number[]) => durationInWords(Math.max(...seconds), words)
  const once = most(resources.map(({ accessTokenTtlSeconds }) => accessTokenTtlSeconds))
  const unused = most(resources.map(({ refreshTokenTtlSeconds }) => refreshTokenTtlSeconds))
  return [
    headOf(shown, words),
    consent.origin.operator,
    '',
    message,
    `${backChannel.started} ${bot.ifNot(appIn(shown, words))}`,
    '',
    ...resources.flatMap(({ name, identifier, scopes }) => [
      `${consent.able} (${foreign(name)}, ${foreign(identifier)}):`,
      ...scopes.map(({ scope, description, isRisky }) => {
        const risk = isRisky ? `${consent.highRisk}: ` : ''
        return `• ${risk}${foreign(description)} (${foreign(scope)})`
      }),
    ]),
    '',
    `${consent.howLong}: ${consent.renewing(once, unused)}`,
    ...(clientUri === undefined ? [] : [`${consent.website}: ${foreign(clientUri)}`]),
    `${approvals.facts.ends}: ${inUtc(expiresAt, words)}`,
  ]
}
