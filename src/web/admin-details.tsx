/** One app, one person, one consent: what it is, what happened to it, and what can be done. */

import type { Grant, GrantTimes } from '../projections/grants.ts'
import type { Named } from '../projections/lists.ts'
import type { User } from '../projections/users.ts'
import type { ClientView } from '../protocol/clients/operator-clients.ts'
import {
  Actions,
  adminHref,
  Codes,
  type Fact,
  Facts,
  Name,
  renderAdmin,
  Timeline,
  type TimelineEvent,
} from './admin-frame.tsx'
import { Person } from './admin-lists.tsx'
import { plainText } from './clean-text.ts'
import { Foreign, type PageShell } from './layout.tsx'
import { safeHref } from './safe-href.ts'
import { Moment } from './time.tsx'
import type { AdminActionName } from './words/english-admin-actions.ts'
import type { Words } from './words/words.ts'

const addressGraphemesMax = 300
const addressesShownMax = 20

interface Detail extends PageShell {
  readonly events: readonly TimelineEvent[]
}

export interface AdminClientData extends Detail {
  readonly client: ClientView
}

export function clientPage(data: AdminClientData): string {
  const { client, words, events } = data
  const { clientId, metadata, status } = client
  const { admin, shell } = words
  const isActive = status !== 'disabled'
  const hasOwnSecret = client.registeredVia === 'preregistered' && client.secretHash !== undefined
  const actions: AdminActionName[] = [
    ...(hasOwnSecret ? (['rotate-secret'] as const) : []),
    isActive ? 'disable-client' : 'enable-client',
    'delete-client',
  ]
  return renderAdmin({
    ...data,
    section: 'clients',
    title: plainText(metadata.clientName) || shell.unnamedApp,
    children: (
      <>
        <h1>
          <Name text={metadata.clientName} fallback={shell.unnamedApp} />
          {status !== 'active' && <span class="tag">{admin.status[status]}</span>}
        </h1>
        <ClientFacts {...data} />
        <Links
          links={(['grants', 'tokens'] as const).map((section) => [
            admin.sections[section],
            `/admin/${section}?client=${encodeURIComponent(clientId)}`,
          ])}
        />
        <Actions id={clientId} names={actions} />
        <Timeline events={events} stream={`client/${clientId}`} />
      </>
    ),
  })
}

function ClientFacts({ client, words }: AdminClientData) {
  const { clientId, metadata, registeredVia, previousSecretEndsAt, contacts } = client
  const { admin } = words
  const labels = admin.client
  const homepage = safeHref(metadata.clientUri)
  const facts: (Fact | undefined)[] = [
    [
      labels.id,
      <code>
        <Foreign text={clientId} graphemesMax={addressGraphemesMax} />
      </code>,
    ],
    [labels.how, admin.via[registeredVia]],
    [labels.since, <Moment atMs={client.registeredAt} />],
    [labels.proof, <code>{metadata.tokenEndpointAuthMethod}</code>],
    previousSecretEndsAt === undefined
      ? undefined
      : [labels.oldSecret, <Moment atMs={previousSecretEndsAt} />],
    metadata.redirectUris.length === 0
      ? undefined
      : [labels.redirects, <Codes texts={metadata.redirectUris} most={addressesShownMax} />],
    [labels.grantTypes, <Codes texts={metadata.grantTypes} />],
    metadata.scope === undefined
      ? undefined
      : [labels.scope, <Codes texts={metadata.scope.split(' ')} most={addressesShownMax} />],
    contacts.length === 0 ? undefined : [labels.contacts, <Codes texts={contacts} />],
    homepage === undefined
      ? undefined
      : [
          labels.homepage,
          <a href={homepage} rel="noreferrer">
            <Foreign text={homepage} />
          </a>,
        ],
  ]
  return <Facts facts={facts} />
}

export interface AdminUserData extends Detail {
  readonly user: User
  /** Accounts with other services by which the person signs in. */
  readonly secondFactor: { readonly passkeys: number; readonly codes: boolean }
  readonly identities: readonly { readonly upstream: string; readonly label: string | null }[]
}

export function userPage(data: AdminUserData): string {
  const { user, words, events, identities, secondFactor } = data
  const { userId, name, email, admin: isAdmin, status } = user
  const { admin } = words
  const called = name?.trim() || email || userId
  const about = `user=${encodeURIComponent(userId)}`
  const hasSecondFactor = secondFactor.codes || secondFactor.passkeys > 0
  return renderAdmin({
    ...data,
    section: 'users',
    title: called,
    children: (
      <>
        <h1>
          <Foreign text={called} />
          {isAdmin && <span class="tag">{words.account.administrator}</span>}
          {status === 'disabled' && <span class="tag">{admin.status.disabled}</span>}
        </h1>
        <Facts
          facts={[
            [admin.user.id, <code>{userId}</code>],
            [admin.user.email, <Name text={email} fallback={admin.user.none} />],
            [admin.user.since, <Moment atMs={user.registeredAt} />],
            [
              admin.user.signIn,
              user.passwordSecretId === null ? admin.user.noPassword : admin.user.password,
            ],
            [admin.user.secondFactor, secondFactorInWords(secondFactor, words)],
            ...identities.map(
              ({ upstream, label }): Fact => [upstream, <Foreign text={label ?? ''} />],
            ),
            [admin.user.groups, listOr(user.groups, admin.user.none)],
            [admin.user.permissions, listOr(user.permissions, admin.user.none)],
          ]}
        />
        <Links
          links={(['grants', 'tokens', 'sessions'] as const).map((section) => [
            admin.sections[section],
            `/admin/${section}?${about}`,
          ])}
        />
        <Actions
          id={userId}
          names={[
            'set-groups',
            'set-permissions',
            'end-sessions',
            ...(hasSecondFactor ? (['reset-second-factor'] as const) : []),
            isAdmin ? 'unmake-admin' : 'make-admin',
            status === 'active' ? 'disable-user' : 'enable-user',
          ]}
        />
        <Timeline events={events} stream={`user/${userId}`} />
      </>
    ),
  })
}

function secondFactorInWords(
  { passkeys, codes }: AdminUserData['secondFactor'],
  { admin: { user } }: Words,
): string {
  const parts = [...(passkeys > 0 ? [user.passkeys(passkeys)] : []), ...(codes ? [user.codes] : [])]
  return parts.length === 0 ? user.none : parts.join(', ')
}

function listOr(texts: readonly string[], none: string) {
  return texts.length === 0 ? none : <Codes texts={texts} most={addressesShownMax} />
}

export interface AdminGrantData extends Detail {
  readonly grantId: string
  /** Undefined once it has ended. */
  readonly grant: (Grant & GrantTimes) | undefined
  readonly person: Named
  readonly clientName: string
}

export function grantPage(data: AdminGrantData): string {
  const { grantId, grant, words, events, clientName } = data
  const labels = words.admin.grant
  return renderAdmin({
    ...data,
    section: 'grants',
    title: labels.title,
    children: (
      <>
        <h1>{labels.title}</h1>
        {grant ? (
          <>
            <Facts
              facts={[
                [labels.id, <code>{grantId}</code>],
                [labels.person, <Person {...data.person} />],
                [
                  labels.app,
                  <a href={adminHref('client', grant.clientId)}>
                    <Name text={clientName} fallback={grant.clientId} />
                  </a>,
                ],
                [labels.access, <Access access={grant.access} />],
                [labels.approved, <Moment atMs={grant.approvedAt} />],
                grant.issuedAt === undefined
                  ? undefined
                  : [labels.used, <Moment atMs={grant.issuedAt} />],
                [labels.expires, <Moment atMs={grant.expiresAt} />],
              ]}
            />
            <Actions id={grantId} names={['end-grant']} />
          </>
        ) : (
          <p>{labels.ended}</p>
        )}
        <Timeline events={events} stream={`grant/${grantId}`} />
      </>
    ),
  })
}

function Access({ access }: Pick<Grant, 'access'>) {
  return (
    <>
      {access.map(({ resource, scopes }) => (
        <p>
          <Foreign text={resource} graphemesMax={addressGraphemesMax} />
          <br />
          <Codes texts={scopes} most={addressesShownMax} />
        </p>
      ))}
    </>
  )
}

function Links({ links }: { links: readonly (readonly [text: string, href: string])[] }) {
  return (
    <ul class="actions">
      {links.map(([text, href]) => (
        <li key={href}>
          <a href={href}>{text}</a>
        </li>
      ))}
    </ul>
  )
}
