/**
 * What the administrator's pages are made of: the ways between them, lists that a person searches
 * and turns pages of, facts, what happened, and what can be done. Nothing here changes anything:
 * each action is a link to a page of its own that asks first.
 */

import type { ComponentChildren } from 'preact'
import { plainText } from './clean-text.ts'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Moment } from './time.tsx'
import type { ActionText, AdminActionName } from './words/english-admin-actions.ts'
import { useWords, type Words } from './words/words.ts'

export type AdminSection = keyof Words['admin']['sections']

interface AdminFrame extends PageShell {
  readonly section: AdminSection
  /** Of the page, where it is not the section's own. */
  readonly title?: string
  readonly children: ComponentChildren
}

export function renderAdmin({ section, ...frame }: AdminFrame): string {
  const { brand, words, visitor, children } = frame
  const title = frame.title ?? words.admin.sections[section]
  return renderPage({
    brand,
    words,
    visitor,
    room: 'admin',
    title: `${title} · ${words.admin.title}`,
    width: 'wide',
    sections: <Sections current={section} />,
    children,
  })
}

function Sections({ current }: { current: AdminSection }) {
  const { title, sections } = useWords().admin
  const names = Object.keys(sections) as AdminSection[]
  return (
    <nav class="sections" aria-label={title}>
      <ul class="ways">
        {names.map((name) => (
          <li key={name}>
            <a
              href={name === 'overview' ? '/admin' : `/admin/${name}`}
              {...(name === current ? { 'aria-current': 'page' as const } : {})}
            >
              {sections[name]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** The address of one thing. */
export function adminHref(noun: 'client' | 'user' | 'grant', id: string): string {
  return `/admin/${noun}?id=${encodeURIComponent(id)}`
}

export function Action({ name, id }: { name: AdminActionName; id?: string }) {
  const texts: ActionText = useWords().adminActions.actions[name]
  const about = id === undefined ? '' : `?id=${encodeURIComponent(id)}`
  return <a href={`/admin/do/${name}${about}`}>{texts.link ?? texts.submit}</a>
}

/** What can be done to one thing. */
export function Actions({ id, names }: { id: string; names: readonly AdminActionName[] }) {
  return (
    <ul class="actions">
      {names.map((name) => (
        <li key={name}>
          <Action name={name} id={id} />
        </li>
      ))}
    </ul>
  )
}

export type Fact = readonly [label: string, value: ComponentChildren]

export function Facts({ facts }: { facts: readonly (Fact | undefined)[] }) {
  return (
    <dl class="facts">
      {facts.map(
        (fact) =>
          fact && (
            <>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </>
          ),
      )}
    </dl>
  )
}

interface CodesProps {
  readonly texts: readonly string[]
  readonly most?: number
  readonly graphemesMax?: number
}

export function Codes({ texts, most = 12, graphemesMax = 80 }: CodesProps) {
  return (
    <>
      {texts.slice(0, most).map((text) => (
        <>
          <code>
            <Foreign text={text} graphemesMax={graphemesMax} />
          </code>{' '}
        </>
      ))}
      {texts.length > most && '…'}
    </>
  )
}

export interface TimelineEvent {
  readonly eventId: string
  readonly type: string
  readonly recordedAt: number
  readonly actor: string
  /** In words, where somebody gave one. */
  readonly reason?: string | undefined
}

interface TimelineProps {
  readonly events: readonly TimelineEvent[]
  /** The stream in the audit. */
  readonly stream: string
}

/** The newest events of one thing; the audit has the rest. */
export function Timeline({ events, stream }: TimelineProps) {
  const words = useWords().admin.timeline
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{words.title}</h2>
      {events.length === 0 ? (
        <p class="remark">{words.none}</p>
      ) : (
        <ol class="card rows">
          {events.map((event) => (
            <li key={event.eventId}>
              <p>
                <a href={`/audit/events/${event.eventId}`}>{event.type}</a>
              </p>
              <p class="remark">
                <Moment atMs={event.recordedAt} /> · {words.by(<Foreign text={event.actor} />)}
              </p>
              {event.reason && (
                <p class="remark">
                  <q>
                    <Foreign text={event.reason} graphemesMax={200} />
                  </q>
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
      <p>
        <a href={`/audit/events?stream=${encodeURIComponent(stream)}`}>{words.all}</a>
      </p>
    </section>
  )
}

interface NameProps {
  readonly text: string | null | undefined
  readonly fallback: string
}

/** Somebody's or something's name, or what to call it that has none. */
export function Name({ text, fallback }: NameProps) {
  return <Foreign text={plainText(text ?? '') || fallback} />
}
