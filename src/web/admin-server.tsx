/** The administrator's pages about the server itself: how it is, its keys, its settings. */
import type { SettingInForce } from '../config/settings-table.ts'
import type { Count, Counts } from '../projections/counts.ts'
import { Action, Facts, renderAdmin } from './admin-frame.tsx'
import { numberOrMore, shownCount } from './count.ts'
import { Foreign, type PageShell } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface Attention {
  readonly disabledClients: Count
  readonly disabledUsers: Count
  readonly clientsAsleepSoon: Count
  /** Of MCP servers elsewhere. */
  readonly toolsWaiting: number
  readonly loneAdmin: boolean
  /** Keys that another follows soon. */
  readonly keys: readonly { readonly algorithm: string; readonly at: number }[]
}

export interface AdminOverviewData extends PageShell {
  readonly counts: Pick<Counts, 'clients' | 'users' | 'grants' | 'tokens' | 'sessions'>
  readonly attention: Attention
  readonly server: {
    readonly version: string
    readonly issuer: string
    /** Where, without anything that opens it. */
    readonly database: string
    readonly events: number
  }
}

export function overviewPage(data: AdminOverviewData): string {
  const { words, counts, server } = data
  const { overview, sections } = words.admin
  return renderAdmin({
    ...data,
    section: 'overview',
    children: (
      <>
        <h1>{words.admin.title}</h1>
        <section aria-labelledby="attention">
          <h2 id="attention">{overview.attention}</h2>
          <Attentions {...data.attention} />
        </section>
        <section aria-labelledby="counts">
          <h2 id="counts">{overview.counts}</h2>
          <ul class="card counts">
            {(['clients', 'users', 'grants', 'tokens', 'sessions'] as const).map((name) => (
              <li key={name}>
                <a href={`/admin/${name}`}>
                  <strong>
                    <Counted {...counts[name]} />
                  </strong>{' '}
                  {sections[name]}
                </a>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="server">
          <h2 id="server">{overview.server}</h2>
          <Facts
            facts={[
              [overview.version, server.version],
              [overview.issuer, <Foreign text={server.issuer} graphemesMax={300} />],
              [overview.database, <Foreign text={server.database} graphemesMax={300} />],
              [
                overview.events,
                <a href="/audit/events">{server.events.toLocaleString(words.language)}</a>,
              ],
            ]}
          />
        </section>
      </>
    ),
  })
}

function Counted(count: Count) {
  return <>{shownCount(useWords(), count)}</>
}

function Attentions(attention: Attention) {
  const all = useWords()
  const words = all.admin.overview
  const { disabledClients, disabledUsers, clientsAsleepSoon, toolsWaiting, loneAdmin, keys } =
    attention
  const said = (counted: Count, words: (count: number | string) => string) =>
    counted.count === 0 ? [] : [words(numberOrMore(all, counted))]
  const items = [
    ...(loneAdmin ? [words.loneAdmin] : []),
    ...said(disabledClients, words.disabledClients),
    ...said(disabledUsers, words.disabledUsers),
    ...(toolsWaiting > 0 ? [<a href="/admin/gateway">{words.toolsWait(toolsWaiting)}</a>] : []),
    ...said(clientsAsleepSoon, words.clientsSleep),
    ...keys.map(({ algorithm, at }) => words.keyRotates(algorithm, <Moment atMs={at} />)),
  ]
  return items.length === 0 ? (
    <p class="remark">{words.calm}</p>
  ) : (
    <ul class="card rows">
      {items.map((item) => (
        <li>{item}</li>
      ))}
    </ul>
  )
}

export interface ShownKey {
  readonly keyId: string
  readonly algorithm: string
  readonly status: 'published' | 'active' | 'retired'
  readonly changedAt: number
}

export interface AdminKeysData extends PageShell {
  readonly algorithms: readonly {
    readonly algorithm: string
    readonly keys: readonly ShownKey[]
    /** When the next one signs, by the schedule. */
    readonly nextAt: number | undefined
  }[]
}

export function keysPage(data: AdminKeysData): string {
  const { words, algorithms } = data
  const { sections, key: texts } = words.admin
  return renderAdmin({
    ...data,
    section: 'keys',
    children: (
      <>
        <h1>{sections.keys}</h1>
        {algorithms.map(({ algorithm, keys, nextAt }) => (
          <section class="card" aria-labelledby={algorithm} key={algorithm}>
            <h2 id={algorithm}>{algorithm}</h2>
            <ul class="rows">
              {keys.map((key) => (
                <li key={key.keyId}>
                  <Key {...key} />
                </li>
              ))}
            </ul>
            {nextAt !== undefined && <p class="remark">{texts.next(<Moment atMs={nextAt} />)}</p>}
            <ul class="actions">
              <li>
                <Action name="publish-key" id={algorithm} />
              </li>
              <li>
                <Action name="replace-keys" id={algorithm} />
              </li>
            </ul>
          </section>
        ))}
      </>
    ),
  })
}

function Key({ keyId, status, changedAt }: ShownKey) {
  const words = useWords().admin
  return (
    <>
      <p>
        <code>{keyId}</code>
      </p>
      <p class="remark">
        {status === 'active' ? words.status.signing : words.status[status]},{' '}
        {words.key.since(<Moment atMs={changedAt} />)}
      </p>
    </>
  )
}

export interface AdminSettingsData extends PageShell {
  readonly settings: readonly SettingInForce[]
}

const valueGraphemesMax = 160

export function settingsPage(data: AdminSettingsData): string {
  const { words, settings } = data
  const { sections, settings: texts } = words.admin
  return renderAdmin({
    ...data,
    section: 'settings',
    children: (
      <>
        <h1>{sections.settings}</h1>
        <p class="lead">{texts.lead}</p>
        <dl class="card settings">
          {settings.map(({ name, value, origin }) => (
            <>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <Foreign text={value} graphemesMax={valueGraphemesMax} />
                <span class="remark">
                  {origin === undefined ? texts.byDefault : texts.setBy(<Foreign text={origin} />)}
                </span>
              </dd>
            </>
          ))}
        </dl>
      </>
    ),
  })
}
