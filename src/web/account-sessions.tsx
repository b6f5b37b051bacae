/** The part of the account page that lists where its person is signed in. */
import type { Count } from '../projections/counts.ts'
import { shownCount } from './count.ts'
import { deviceInWords } from './device-words.ts'
import { HiddenFields } from './form.tsx'
import { Foreign } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface AccountSession {
  readonly sessionId: string
  readonly isThis: boolean
  readonly userAgent: string | null
  readonly address: string | null
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly usedAt: number
}

export interface SessionsData {
  readonly sessions: readonly AccountSession[]
  /** How many there are beside these. */
  readonly more: Count
  readonly csrf: string
}

export function Sessions({ sessions, more, csrf }: SessionsData) {
  const all = useWords()
  const words = all.account
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">{words.sessions}</h2>
      <ul class="card apps">
        {sessions.map((session) => (
          <OneSession key={session.sessionId} session={session} csrf={csrf} />
        ))}
      </ul>
      {more.count > 0 && <p class="remark">{words.moreSessions(shownCount(all, more))}</p>}
      {sessions.length > 1 && (
        <form method="post" action="/account/sessions">
          <HiddenFields fields={{ csrf, session: 'others' }} />
          <button type="submit" class="plain">
            {words.endOthers}
          </button>
        </form>
      )}
    </section>
  )
}

function OneSession({ session, csrf }: { session: AccountSession; csrf: string }) {
  const words = useWords()
  const { sessionId, isThis, address, startedAt, usedAt } = session
  const device = deviceInWords(session.userAgent, words)
  return (
    <li>
      <h3>
        {device} {isThis && <span class="tag">{words.account.thisBrowser}</span>}
      </h3>
      <p class="remark">
        {address && (
          <>
            <Foreign text={address} />
            {' · '}
          </>
        )}
        {words.account.signedIn(<Moment atMs={startedAt} />)}
        {' · '}
        {words.account.lastUsed(<Moment atMs={usedAt} />)}
      </p>
      {!isThis && (
        <form method="post" action="/account/sessions">
          <HiddenFields fields={{ csrf, session: sessionId }} />
          <button type="submit" class="plain" aria-label={`${words.account.endSession}: ${device}`}>
            {words.account.endSession}
          </button>
        </form>
      )}
    </li>
  )
}
