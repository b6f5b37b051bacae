/**
 * One connection: what it may do, with a tick at each that can be taken away, when it was used,
 * what happened to it by the log, and the way to end it.
 */

import type { Count } from '../projections/counts.ts'
import { ApprovalList, type ListedApproval } from './approvals.tsx'
import { plainText } from './clean-text.ts'
import {
  type ConnectedAppsDone,
  connectedAppsPath,
  Done,
  Initial,
  type ShownConnection,
  StateTags,
} from './connected-apps.tsx'
import { numberOrMore } from './count.ts'
import { HiddenFields, Problem } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Moment } from './time.tsx'
import { type ShownCall, ToolCalls } from './tool-calls.tsx'
import { useWords, type Words } from './words/words.ts'

export type ConnectedAppProblem = keyof Words['connectedApps']['problems']

export interface ShownAbility {
  readonly scope: string
  readonly description: string
  /** What the form says when it stays ticked. */
  readonly value: string
}

export interface ShownEvent {
  readonly kind: keyof Words['connectedApps']['happened']
  readonly eventId: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason?: string | undefined
}

export interface ConnectedAppPageData extends PageShell {
  readonly connection: ShownConnection
  readonly narrowedAt?: number | undefined
  /** Absent once it has ended. */
  readonly expiresAt?: number | undefined
  readonly resources: readonly {
    readonly name: string
    readonly identifier: string
    readonly abilities: readonly ShownAbility[]
  }[]
  /** How many connections the same app has. */
  readonly ofClient: Count
  readonly csrf: string
  /** Newest first. */
  readonly timeline: readonly ShownEvent[]
  /** On MCP servers elsewhere; newest first. */
  /** What it asked its person, the newest first. */
  readonly approvals: readonly ListedApproval[]
  readonly now: number
  readonly calls: readonly ShownCall[]
  readonly callsBefore?: string | undefined
  /** Where earlier events go on. */
  readonly before?: number | undefined
  readonly done?: ConnectedAppsDone | undefined
  readonly problem?: ConnectedAppProblem | undefined
}

const textGraphemesMax = 200

export function connectedAppPage(data: ConnectedAppPageData): string {
  const { brand, words, connection, problem } = data
  const { connectedApps, shell } = words
  const name = plainText(connection.clientName) || shell.unnamedApp
  const isOver = connection.state === 'ended'
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'apps',
    title: problem ? shell.problem(name) : name,
    width: 'wide',
    children: (
      <>
        <p>
          <a href={connectedAppsPath}>{connectedApps.title}</a>
        </p>
        <h1>
          <Initial name={name} />
          <Foreign text={name} /> <StateTags {...connection} />
        </h1>
        {problem && <Problem>{connectedApps.problems[problem]}</Problem>}
        {data.done && !problem && <Done done={data.done} />}
        {connection.isUnused && !isOver && <p class="advice">{connectedApps.unusedAdvice}</p>}
        <div class="card">
          <Facts {...data} />
        </div>
        {!isOver && <Allowed {...data} />}
        {!isOver && <Revoke {...data} />}
        <ApprovalList
          id="approvals"
          title={connectedApps.approvals}
          rows={data.approvals}
          now={data.now}
        />
        <ToolCalls grantId={connection.grantId} calls={data.calls} before={data.callsBefore} />
        <Timeline {...data} />
      </>
    ),
  })
}

function Facts({ connection, narrowedAt, expiresAt }: ConnectedAppPageData) {
  const { facts, neverUsed } = useWords().connectedApps
  const { connectedAt, lastUsedAt, clientId } = connection
  return (
    <dl class="facts">
      <dt>{facts.connected}</dt>
      <dd>
        <Moment atMs={connectedAt} />
      </dd>
      {narrowedAt !== undefined && (
        <>
          <dt>{facts.narrowed}</dt>
          <dd>
            <Moment atMs={narrowedAt} />
          </dd>
        </>
      )}
      <dt>{facts.lastUsed}</dt>
      <dd>
        {lastUsedAt === undefined ? (
          neverUsed
        ) : (
          <>
            <Moment atMs={lastUsedAt} /> <span class="remark">{facts.lastUsedHint}</span>
          </>
        )}
      </dd>
      {expiresAt !== undefined && (
        <>
          <dt>{facts.ends}</dt>
          <dd>
            <Moment atMs={expiresAt} />
          </dd>
        </>
      )}
      <dt>{facts.client}</dt>
      <dd>
        <code>
          <Foreign text={clientId} graphemesMax={textGraphemesMax} />
        </code>
      </dd>
    </dl>
  )
}

function Allowed({ connection, resources, csrf }: ConnectedAppPageData) {
  const words = useWords().connectedApps
  return (
    <section aria-labelledby="allowed">
      <h2 id="allowed">{words.allowed}</h2>
      <form method="post" action={`${connectedAppsPath}/${connection.grantId}/narrow`} class="card">
        <HiddenFields fields={{ csrf }} />
        <p class="remark">{words.allowedHint}</p>
        {resources.map(({ name, identifier, abilities }) => (
          <fieldset key={identifier}>
            <legend>
              <Foreign text={name} />
            </legend>
            {abilities.map(({ scope, description, value }) => (
              <label key={value}>
                <input type="checkbox" name="keep" value={value} checked />
                <span>
                  <Foreign text={description} graphemesMax={textGraphemesMax} />{' '}
                  <code>
                    <Foreign text={scope} />
                  </code>
                </span>
              </label>
            ))}
          </fieldset>
        ))}
        <button type="submit" class="plain">
          {words.narrow}
        </button>
      </form>
    </section>
  )
}

function Revoke({ connection, ofClient, csrf }: ConnectedAppPageData) {
  const all = useWords()
  const words = all.connectedApps
  const path = `${connectedAppsPath}/${connection.grantId}`
  return (
    <section aria-labelledby="revoke">
      <h2 id="revoke">{words.revokeTitle}</h2>
      <div class="card">
        <p>{words.revokeHint}</p>
        <form method="post" action={`${path}/revoke`}>
          <HiddenFields fields={{ csrf }} />
          <button type="submit">{words.revoke}</button>
        </form>
        {ofClient.count > 1 && (
          <form method="post" action={`${path}/revoke`}>
            <HiddenFields fields={{ csrf, all: 'client' }} />
            <button type="submit" class="plain">
              {words.revokeClient(numberOrMore(all, ofClient))}
            </button>
          </form>
        )}
      </div>
    </section>
  )
}

function Timeline({ connection, timeline, before }: ConnectedAppPageData) {
  const words = useWords().connectedApps
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{words.timeline}</h2>
      <ol class="card apps timeline">
        {timeline.map(({ kind, eventId, at, reason }) => (
          <li key={eventId}>
            <p>
              <strong>{words.happened[kind]}</strong>
              {reason !== undefined && `: ${reasonInWords(words.reasons, reason)}`}
            </p>
            <p class="remark">
              <Moment atMs={at} /> · {words.event} <code>{eventId}</code>
            </p>
          </li>
        ))}
      </ol>
      {before !== undefined && (
        <p class="otherwise">
          <a href={`${connectedAppsPath}/${connection.grantId}?before=${before}`}>
            {words.earlier}
          </a>
        </p>
      )}
    </section>
  )
}

function reasonInWords(reasons: Readonly<Record<string, string>>, reason: string): string {
  return (Object.hasOwn(reasons, reason) ? reasons[reason] : undefined) ?? reason
}
