/**
 * The account page: who is signed in, where and since when, and which apps have access. What
 * changes the account has a small page of its own (step.tsx).
 */

import { Sessions, type SessionsData } from './account-sessions.tsx'
import { apiTokensPath, LeakNotice } from './api-tokens.tsx'
import { plainText } from './clean-text.ts'
import { connectedAppsPath, type ShownConnection, StateTags } from './connected-apps.tsx'
import { numberOrMore } from './count.ts'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Moment } from './time.tsx'
import { Identities, type IdentitiesShown } from './upstreams.tsx'
import { useWords } from './words/words.ts'

export interface AccountPageData extends PageShell {
  readonly account: {
    /** Empty where there is none. */
    readonly email: string
    readonly emailVerified: boolean
    readonly hasPassword: boolean
    /** Whether links can be sent, to prove an address. */
    readonly byMail: boolean
    readonly name?: string | undefined
    readonly admin: boolean
  }
  /** Milliseconds since 1970. */
  readonly session: { readonly startedAt: number; readonly expiresAt?: number | undefined }
  readonly csrf: string
  readonly signOutAction: string
  /** The newest few. */
  readonly grants: readonly ShownConnection[]
  readonly grantCount: number
  /** There are others, that nobody has counted. */
  readonly grantsAreMore?: boolean
  readonly sessions: SessionsData
  /** Undefined where people make none. */
  readonly apiTokens?: { readonly count: number; readonly hasLeaked: boolean } | undefined
  /** Absent where there is no other service to sign in by. */
  readonly identities?: IdentitiesShown | undefined
}

export function accountPage(data: AccountPageData): string {
  return renderPage({
    brand: data.brand,
    words: data.words,
    visitor: data.visitor,
    room: 'account',
    title: data.words.account.title,
    width: 'wide',
    children: (
      <>
        <h1>{data.words.account.title}</h1>
        {data.apiTokens?.hasLeaked && <LeakNotice />}
        <Person {...data} />
        <ConnectedApps {...data} />
        <Sessions {...data.sessions} />
        {data.apiTokens && <ApiTokens count={data.apiTokens.count} />}
        {data.identities && <Identities {...data.identities} />}
      </>
    ),
  })
}

function Person({ account, session, csrf, signOutAction }: AccountPageData) {
  const words = useWords()
  const since = <Moment atMs={session.startedAt} />
  return (
    <article class="card person">
      <div>
        <p class="who">
          <strong>
            <Foreign text={account.name?.trim() || account.email} />
          </strong>
          {account.admin && (
            <a class="tag" href="/admin">
              {words.account.administrator}
            </a>
          )}
        </p>
        {account.email && (
          <p>
            {account.name?.trim() && <Foreign text={account.email} />}{' '}
            {!account.emailVerified && (
              <>
                <span class="tag">{words.account.unconfirmed}</span>{' '}
                {account.byMail && <a href="/account/email/confirm">{words.account.confirm}</a>}
              </>
            )}
          </p>
        )}
        <p class="remark">
          {session.expiresAt === undefined
            ? words.account.signedIn(since)
            : words.account.signedInUntil(since, <Moment atMs={session.expiresAt} />)}
        </p>
      </div>
      <nav aria-label={words.account.title} class="changes">
        <a href="/account/security">{words.security.link}</a>
        <a href="/account/name">{words.account.changeName}</a>
        {account.byMail && <a href="/account/email">{words.account.changeEmail}</a>}
        {account.email && (
          <a href="/account/password">
            {account.hasPassword ? words.account.changePassword : words.account.setPassword}
          </a>
        )}
        <a href="/account/delete">{words.account.deleteAccount}</a>
      </nav>
      <form method="post" action={signOutAction}>
        <HiddenFields fields={{ csrf }} />
        <button type="submit" class="plain">
          {words.signOut.submit}
        </button>
      </form>
    </article>
  )
}

function ApiTokens({ count }: { count: number }) {
  const words = useWords()
  return (
    <section aria-labelledby="api-tokens">
      <h2 id="api-tokens">{words.apiTokens.title}</h2>
      <p>
        {count === 0 ? words.apiTokens.none : words.apiTokens.count(count)}{' '}
        <a href={apiTokensPath}>{words.apiTokens.manage}</a>
      </p>
    </section>
  )
}

function ConnectedApps({ grants, grantCount, grantsAreMore = false }: AccountPageData) {
  const words = useWords()
  const count = { count: grantCount, isMore: grantsAreMore }
  return (
    <section aria-labelledby="apps">
      <h2 id="apps">{words.account.apps}</h2>
      {grants.length === 0 ? (
        <div class="card empty">
          <p>
            <strong>{words.account.noApps}</strong>
          </p>
          <p>
            {words.account.noAppsAdvice} <a href="/">{words.account.howToConnect}</a>
          </p>
        </div>
      ) : (
        <>
          <ul class="card apps">
            {grants.map((grant) => (
              <Grant key={grant.grantId} {...grant} />
            ))}
          </ul>
          <p>
            {words.connectedApps.count(numberOrMore(words, count))}{' '}
            <a href={connectedAppsPath}>{words.connectedApps.see}</a>
          </p>
        </>
      )}
    </section>
  )
}

function Grant(grant: ShownConnection) {
  const words = useWords()
  const { grantId, clientName, resourceName, connectedAt } = grant
  return (
    <li>
      <h3>
        <a href={`${connectedAppsPath}/${grantId}`}>
          <Foreign text={plainText(clientName) || words.shell.unnamedApp} />
        </a>
        <StateTags {...grant} />
      </h3>
      <p class="remark">
        {words.account.connected(<Foreign text={resourceName} />, <Moment atMs={connectedAt} />)}
      </p>
    </li>
  )
}
