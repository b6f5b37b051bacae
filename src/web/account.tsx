/**
 * The account page: who is signed in, since when, and which apps have access. The list is for
 * reading; withdrawing an access has its own page.
 */
import { HiddenFields } from './form.tsx'
import { Foreign, renderPage } from './layout.tsx'
import { Moment } from './time.tsx'

export interface AccountGrant {
  readonly clientName: string
  readonly resourceName: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970. */
  readonly connectedAt: number
}

export interface AccountPageData {
  readonly brand: string
  readonly account: {
    readonly email: string
    readonly name?: string | undefined
    readonly admin: boolean
  }
  /** Milliseconds since 1970. */
  readonly session: { readonly startedAt: number; readonly expiresAt?: number | undefined }
  readonly csrf: string
  readonly signOutAction: string
  readonly grants: readonly AccountGrant[]
}

export function accountPage(data: AccountPageData): string {
  return renderPage({
    brand: data.brand,
    title: 'Your account',
    width: 'wide',
    children: (
      <>
        <h1>Your account</h1>
        <Person {...data} />
        <ConnectedApps grants={data.grants} />
      </>
    ),
  })
}

function Person({ account, session, csrf, signOutAction }: AccountPageData) {
  return (
    <article class="card person">
      <div>
        <p class="who">
          <strong>
            <Foreign text={account.name?.trim() || account.email} />
          </strong>
          {account.admin && <span class="tag">Administrator</span>}
        </p>
        {account.name?.trim() && (
          <p>
            <Foreign text={account.email} />
          </p>
        )}
        <p class="remark">
          Signed in <Moment atMs={session.startedAt} />
          {session.expiresAt !== undefined && (
            <>
              , until <Moment atMs={session.expiresAt} />
            </>
          )}
        </p>
      </div>
      <form method="post" action={signOutAction}>
        <HiddenFields fields={{ csrf }} />
        <button type="submit" class="plain">
          Sign out
        </button>
      </form>
    </article>
  )
}

function ConnectedApps({ grants }: Pick<AccountPageData, 'grants'>) {
  return (
    <section aria-labelledby="apps">
      <h2 id="apps">Connected apps</h2>
      {grants.length === 0 ? (
        <div class="card empty">
          <p>
            <strong>No app has access.</strong>
          </p>
          <p>
            When you approve one, it is listed here. <a href="/">How to connect an app</a>
          </p>
        </div>
      ) : (
        <ul class="card apps">
          {grants.map((grant) => (
            <Grant key={`${grant.clientName} ${grant.connectedAt}`} {...grant} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Grant({ clientName, resourceName, scopes, connectedAt }: AccountGrant) {
  return (
    <li>
      <h3>
        <Foreign text={clientName.trim() || 'An app without a name'} />
      </h3>
      <p class="remark">
        <Foreign text={resourceName} /> · connected <Moment atMs={connectedAt} />
      </p>
      <p class="granted">
        {scopes.map((scope) => (
          <code key={scope}>
            <Foreign text={scope} />
          </code>
        ))}
      </p>
    </li>
  )
}
