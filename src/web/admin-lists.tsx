/** The administrator's lists: apps, people, consents, tokens, sessions. */
import type { ComponentChildren, VNode } from 'preact'
import { isAgentId } from '../domain/agent.ts'
import type { Client } from '../projections/clients.ts'
import { type ListedToken, shownPlace } from '../projections/listed-tokens.ts'
import type { ListedGrant, ListedSession, Named } from '../projections/lists.ts'
import type { User } from '../projections/users.ts'
import { Action, adminHref, Codes, Name, renderAdmin } from './admin-frame.tsx'
import { isNarrowed, Search, Turn } from './admin-list-ways.tsx'
import { Foreign, type PageShell } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export type ListSection = keyof Words['admin']['searchHint']

export interface AdminListData<Row> extends PageShell {
  readonly rows: readonly Row[]
  readonly search: string
  /** The person or the client that the list is about, as `user` or `client`. */
  readonly about: Readonly<Record<string, string>>
  /** Where the next page begins. */
  readonly next?: string | undefined
  /** So many were looked at before the page was full, and there are others. */
  readonly lookedAt?: number | undefined
  readonly isFirst: boolean
}

export function clientsPage(data: AdminListData<Client>): string {
  return listPage(data, { section: 'clients', Row: ClientRow, action: 'create-client' })
}

export function usersPage(data: AdminListData<User>): string {
  return listPage(data, { section: 'users', Row: UserRow, action: 'create-user' })
}

export function grantsPage(data: AdminListData<ListedGrant>): string {
  return listPage(data, { section: 'grants', Row: GrantRow })
}

export function tokensPage(data: AdminListData<ListedToken>): string {
  return listPage(data, { section: 'tokens', Row: TokenRow })
}

export function sessionsPage(data: AdminListData<ShownSession>): string {
  return listPage(data, { section: 'sessions', Row: SessionRow })
}

interface ListOf<Row> {
  readonly section: ListSection
  readonly Row: (props: { row: Row }) => VNode
  readonly action?: 'create-client' | 'create-user'
}

export function listPage<Row>(
  data: AdminListData<Row>,
  { section, Row, action }: ListOf<Row>,
): string {
  const { rows, words } = data
  return renderAdmin({
    ...data,
    section,
    children: (
      <>
        <div class="heading">
          <h1>{words.admin.sections[section]}</h1>
          {action && (
            <p>
              <Action name={action} />
            </p>
          )}
        </div>
        <Search section={section} data={data} />
        {rows.length === 0 ? (
          <div class="card empty">
            <p>{nothingIn(data)}</p>
          </div>
        ) : (
          <ul class="card rows">
            {rows.map((row) => (
              <li>
                <Row row={row} />
              </li>
            ))}
          </ul>
        )}
        <Turn section={section} data={data} />
      </>
    ),
  })
}

function nothingIn(data: AdminListData<unknown>): string {
  const { admin } = data.words
  if (data.lookedAt !== undefined) return admin.nothingYet
  return isNarrowed(data) ? admin.nothingFound : admin.nothing
}

export function Row({ title, tags = [], children }: RowProps) {
  return (
    <>
      <h2>
        {title}
        {tags.map((tag) => tag && <span class="tag">{tag}</span>)}
      </h2>
      <p class="remark">{children}</p>
    </>
  )
}

interface RowProps {
  readonly title: ComponentChildren
  readonly tags?: readonly (string | false)[]
  readonly children: ComponentChildren
}

function ClientRow({ row: { clientId, metadata, status, ...row } }: { row: Client }) {
  const words = useWords()
  const title = (
    <a href={adminHref('client', clientId)}>
      <Name text={metadata.clientName} fallback={words.shell.unnamedApp} />
    </a>
  )
  return (
    <Row title={title} tags={[status === 'disabled' && words.admin.status.disabled]}>
      <code>
        <Foreign text={clientId} />
      </code>
      <br />
      {words.admin.via[row.registeredVia]},{' '}
      {words.admin.remarks.registered(<Moment atMs={row.registeredAt} />)}
    </Row>
  )
}

function UserRow({ row }: { row: User }) {
  const words = useWords()
  const title = (
    <a href={adminHref('user', row.userId)}>
      <Name text={row.name?.trim() || row.email} fallback={row.userId} />
    </a>
  )
  const tags = [
    row.admin && words.account.administrator,
    row.status === 'disabled' && words.admin.status.disabled,
  ]
  return (
    <Row title={title} tags={tags}>
      {row.email && row.name?.trim() && (
        <>
          <Foreign text={row.email} />
          <br />
        </>
      )}
      {words.admin.remarks.registered(<Moment atMs={row.registeredAt} />)}
    </Row>
  )
}

export function Person({ userId, userName, email }: Named) {
  const { unnamed } = useWords().admin
  const name = <Name text={userName?.trim() || email} fallback={userId ?? unnamed} />
  if (userId === undefined) return name
  const href = isAgentId(userId) ? `/admin/agents?q=${userId}` : adminHref('user', userId)
  return <a href={href}>{name}</a>
}

function App({ clientId, clientName }: { clientId: string; clientName: string }) {
  return (
    <a href={adminHref('client', clientId)}>
      <Name text={clientName} fallback={clientId} />
    </a>
  )
}

function GrantRow({ row }: { row: ListedGrant }) {
  const { remarks, unnamed } = useWords().admin
  const title = (
    <a href={adminHref('grant', row.grantId)}>
      <Name text={row.userName?.trim() || row.email} fallback={row.userId ?? unnamed} />
      {' · '}
      <Name text={row.clientName} fallback={row.clientId} />
    </a>
  )
  return (
    <Row title={title}>
      {remarks.registered(<Moment atMs={row.approvedAt} />)},{' '}
      {remarks.until(<Moment atMs={row.expiresAt} />)}
    </Row>
  )
}

const scopesShownMax = 5
const scopeGraphemesMax = 40

function TokenRow({ row }: { row: ListedToken }) {
  const { remarks } = useWords().admin
  const { clientId, clientName, name, sourceId } = row
  const holder =
    clientId === undefined ? (
      <Name text={name} fallback={sourceId} />
    ) : (
      <App clientId={clientId} clientName={clientName} />
    )
  return (
    <Row
      title={remarks.token(holder, <Foreign text={row.resource} />)}
      tags={[clientId === undefined && remarks.apiToken]}
    >
      {row.userId === undefined ? remarks.own : remarks.of(<Person {...row} />)},{' '}
      {row.expiresAt === undefined
        ? remarks.endless
        : remarks.until(<Moment atMs={row.expiresAt} />)}
      <br />
      <Codes texts={row.scopes} most={scopesShownMax} graphemesMax={scopeGraphemesMax} />
      <br />
      {clientId === undefined ? (
        <Action name="end-api-token" id={sourceId} />
      ) : (
        <Action name="end-token" id={shownPlace(row)} />
      )}
    </Row>
  )
}

/** One that nobody used for too long is over, and has no last use. */
interface ShownSession extends ListedSession {
  readonly usedAt: number | undefined
}

function SessionRow({ row }: { row: ShownSession }) {
  const { remarks } = useWords().admin
  return (
    <Row title={<Person {...row} />}>
      {remarks.started(<Moment atMs={row.startedAt} />)},{' '}
      {row.usedAt === undefined ? remarks.unused : remarks.used(<Moment atMs={row.usedAt} />)}
      <br />
      <Foreign text={row.userAgent ?? ''} /> <Foreign text={row.address ?? ''} />
      <br />
      <Action name="end-session" id={row.sessionId} />
    </Row>
  )
}
