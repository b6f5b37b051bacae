/**
 * What a client asks for when it asks a person elsewhere, and what it has them shown.
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.1 - Authentication Request](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)
 */
import type { Access } from '../../domain/access.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { askedAccess } from './asked-access.ts'
import { type ContextTerms, isContextClass, withDemands } from './authentication-context.ts'
import {
  type AuthorizationDetail,
  readAuthorizationDetails,
  withChoices,
} from './authorization-details.ts'

export const bindingMessageCharactersMax = 64
const ttlSecondsMin = 30

export interface BackChannelTerms extends ContextTerms {
  /** At least one resource, each with what is asked for there. */
  readonly access: Access[]
  /** How new the proof of who it is must be, where a resource wants it newer than we do. */
  readonly maxAgeSeconds?: number
  readonly authorizationDetails?: AuthorizationDetail[]
  /** What the client shows too, so that the person knows which question is which. */
  readonly bindingMessage?: string
  readonly ttlSeconds: number
}

/** @throws {OAuthError} invalid_request, invalid_scope, invalid_target, invalid_binding_message, invalid_authorization_details */
export function readBackChannelTerms(
  { settings }: Pick<Services, 'settings'>,
  { client, parameters }: { client: KnownClient; parameters: Parameters },
): BackChannelTerms {
  const scopes = parseScope(parameters.require('scope'))
  if (!scopes.includes('openid')) {
    throw new OAuthError(
      'invalid_scope',
      'The scope must hold openid: somebody is asked who they are',
    )
  }
  const access = askedAccess(settings, { parameters, client })
  const details = readDetails({ settings }, { access, client, parameters })
  const bindingMessage = readBindingMessage(parameters.get('binding_message'))
  const wished = parseScope(parameters.get('acr_values')).filter(isContextClass)
  const resources = access.flatMap(({ resource }) => findResource(settings, resource) ?? [])
  const context: ContextTerms & { maxAgeSeconds?: number } =
    wished.length === 0 ? {} : { acrValues: wished }
  return {
    access,
    ...(details.length === 0 ? {} : { authorizationDetails: details }),
    ...(bindingMessage === undefined ? {} : { bindingMessage }),
    ...withDemands(context, resources),
    ttlSeconds: readTtl({ settings }, parameters.get('requested_expiry')),
  }
}

/** Nobody chooses anything on this way, so what needs a choice cannot be asked for. */
function readDetails(
  { settings }: Pick<Services, 'settings'>,
  { access, client, parameters }: { access: Access[]; client: KnownClient; parameters: Parameters },
): AuthorizationDetail[] {
  const typesOfClient = client.metadata.authorizationDetailsTypes
  const text = parameters.get('authorization_details')
  const asked = readAuthorizationDetails(settings, text, { access, typesOfClient })
  const none = { chosen: () => undefined, optionsOf: () => undefined }
  const complete = withChoices(settings, asked, none)
  if (complete) return complete
  const words = 'authorization_details holds something to choose, which takes a browser'
  throw new OAuthError('invalid_authorization_details', words)
}

/** Letters, digits, signs and spaces; nothing that is invisible, breaks a line or turns it round. */
function readBindingMessage(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const isShort = [...text].length <= bindingMessageCharactersMax
  if (isShort && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text) && text.trim() !== '') return text
  const words = `binding_message must be plain text of at most ${bindingMessageCharactersMax} characters`
  throw new OAuthError('invalid_binding_message', words)
}

function readTtl({ settings }: Pick<Services, 'settings'>, requested: string | undefined): number {
  const { requestTtlSeconds, requestTtlMaxSeconds: most } = settings.ciba
  if (requested === undefined) return Math.min(requestTtlSeconds, most)
  if (!/^\d{1,9}$/.test(requested) || Number(requested) === 0) {
    throw new OAuthError('invalid_request', 'requested_expiry must be a number of seconds')
  }
  return Math.min(Math.max(Number(requested), Math.min(ttlSecondsMin, most)), most)
}
