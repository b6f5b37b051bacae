/**
 * What a person has connected, app by app: a list to look through, and the question before all of
 * it is revoked. One connection has a page of its own (connected-app.tsx).
 */

import type { Count } from '../projections/counts.ts'
import { plainText } from './clean-text.ts'
import { numberOrMore } from './count.ts'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Paging } from './paging.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export const connectedAppsPath = '/developers/connected-apps'
export type ConnectionState = keyof Words['connectedApps']['states']
export type ConnectedAppsDone = keyof Words['connectedApps']['done']

export interface ShownConnection {
  readonly grantId: string
  readonly clientId: string
  readonly clientName: string
  readonly resourceName: string
  /** What each scope lets it do, in the operator's words. */
  readonly abilities: readonly string[]
  /** Milliseconds since 1970, as all times here. */
  readonly connectedAt: number
  readonly lastUsedAt: number | undefined
  readonly state: ConnectionState
  readonly isUnused: boolean
}

export interface ConnectedAppsPageData extends PageShell {
  /** App by app. */
  readonly connections: readonly ShownConnection[]
  readonly search: string
  /** From 1. */
  readonly page: number
  readonly pages: number
  /** How many there are, whatever was searched for. */
  readonly all: number
  /** There are others, which are not looked at. */
  readonly isMore?: boolean
  readonly done?: ConnectedAppsDone | undefined
}

const abilitiesShown = 3
const abilityGraphemesMax = 60
const nameGraphemesMax = 60

export function connectedAppsPage(data: ConnectedAppsPageData): string {
  const { brand, connections, search, all } = data
  const words = data.words.connectedApps
  return renderPage({
    brand,
    words: data.words,
    visitor: data.visitor,
    room: 'apps',
    title: words.title,
    width: 'wide',
    children: (
      <>
        <h1>{words.title}</h1>
        {data.done && <Done done={data.done} />}
        <p class="lead">{words.lead}</p>
        {all > 0 && <Search search={search} />}
        {data.isMore && (
          <p class="remark">{words.notAll(all.toLocaleString(data.words.language))}</p>
        )}
        {connections.length === 0 ? (
          <div class="card empty">
            <p>
              <strong>{all === 0 ? words.none : words.noneFound}</strong>
            </p>
            {all === 0 && <p>{words.noneAdvice}</p>}
          </div>
        ) : (
          grouped(connections).map((ofClient) => (
            <Client key={ofClient[0]?.grantId} connections={ofClient} />
          ))
        )}
        <Paging {...data} href={(page) => pathOf(page, data.search)} />
        {all > 0 && (
          <p class="otherwise">
            <a href={`${connectedAppsPath}/revoke`}>{words.revokeAll}</a>
          </p>
        )}
      </>
    ),
  })
}

export function Done({ done }: { done: ConnectedAppsDone }) {
  return (
    <div class="notice done" role="status">
      <p>{useWords().connectedApps.done[done]}</p>
    </div>
  )
}

function Search({ search }: { search: string }) {
  const words = useWords().connectedApps
  return (
    <search>
      <form method="get" action={connectedAppsPath}>
        <div class="field">
          <label for="search">{words.search}</label>
          <div class="searching">
            <input type="search" id="search" name="search" value={search} maxlength={200} />
            <button type="submit" class="plain">
              {words.find}
            </button>
          </div>
        </div>
        {search !== '' && (
          <p>
            <a href={connectedAppsPath}>{words.showAll}</a>
          </p>
        )}
      </form>
    </search>
  )
}

/** Neighbours of the same client. */
function grouped(connections: readonly ShownConnection[]): ShownConnection[][] {
  const groups: ShownConnection[][] = []
  for (const connection of connections) {
    const last = groups.at(-1)
    if (last?.[0]?.clientId === connection.clientId) last.push(connection)
    else groups.push([connection])
  }
  return groups
}

function Client({ connections }: { connections: readonly ShownConnection[] }) {
  const words = useWords()
  const [first] = connections
  return (
    <section class="card apps client">
      <h2>
        <Initial name={first?.clientName ?? ''} />
        <Foreign
          text={plainText(first?.clientName ?? '') || words.shell.unnamedApp}
          graphemesMax={nameGraphemesMax}
        />
      </h2>
      <ul>
        {connections.map((connection) => (
          <Row key={connection.grantId} {...connection} />
        ))}
      </ul>
    </section>
  )
}

/** In the place of a picture. */
export function Initial({ name }: { name: string }) {
  const [letter = '·'] = name.trim().match(/[\p{L}\p{N}]/u) ?? []
  return (
    <span class="initial" aria-hidden="true">
      {letter.toUpperCase()}
    </span>
  )
}

function Row(row: ShownConnection) {
  const words = useWords().connectedApps
  const { resourceName, abilities, connectedAt, lastUsedAt } = row
  const more = abilities.length - abilitiesShown
  return (
    <li>
      <p>
        <a href={`${connectedAppsPath}/${row.grantId}`}>
          <Foreign text={resourceName} graphemesMax={nameGraphemesMax} />
        </a>
        <StateTags {...row} />
      </p>
      <p>
        {abilities.slice(0, abilitiesShown).map((ability, index) => (
          <span key={ability}>
            {index > 0 && ' · '}
            <Foreign text={ability} graphemesMax={abilityGraphemesMax} />
          </span>
        ))}
        {more > 0 && ` ${words.more(more)}`}
      </p>
      <p class="remark">
        {words.connected(<Moment atMs={connectedAt} />)} ·{' '}
        {lastUsedAt === undefined ? words.neverUsed : words.lastUsed(<Moment atMs={lastUsedAt} />)}
      </p>
    </li>
  )
}

export function StateTags({ state, isUnused }: Pick<ShownConnection, 'state' | 'isUnused'>) {
  const words = useWords().connectedApps
  return (
    <>
      {state !== 'active' && <span class="tag">{words.states[state]}</span>}
      {isUnused && state !== 'ended' && <span class="tag">{words.unused}</span>}
    </>
  )
}

function pathOf(page: number, search: string): string {
  return `${connectedAppsPath}?${new URLSearchParams({ ...(search && { search }), page: String(page) })}`
}

export interface RevokeAllPageData extends PageShell {
  readonly count: Count
  readonly csrf: string
}

export function revokeAllPage({ count, csrf, ...shell }: RevokeAllPageData): string {
  const { brand, words, visitor } = shell
  const { connectedApps } = words
  return renderPage({
    brand,
    words,
    visitor,
    room: 'apps',
    title: connectedApps.revokeAll,
    children: (
      <article class="card">
        <h1>{connectedApps.revokeAllQuestion}</h1>
        <p class="lead">{connectedApps.revokeAllHint(numberOrMore(words, count))}</p>
        <form method="post" action={`${connectedAppsPath}/revoke`}>
          <HiddenFields fields={{ csrf }} />
          <button type="submit">{connectedApps.revokeAll}</button>
        </form>
        <p class="otherwise">
          <a href={connectedAppsPath}>{connectedApps.cancel}</a>
        </p>
      </article>
    ),
  })
}
