/**
 * The pages of signing out: the question, where somebody else than the person may have asked for
 * it, and the news that it is done. A client's address is a link with its host, never a redirect
 * that the person has not chosen.
 * @see [OpenID Connect RP-Initiated Logout 1.0 §6 - Security Considerations](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#Security)
 */
import { HiddenFields } from './form.tsx'
import { Foreign, renderPage } from './layout.tsx'
import { redirectHostOf, safeHref } from './safe-href.ts'

export interface SignOutClient {
  readonly name: string
  /** Where it wants the browser to go afterwards. */
  readonly location?: string | undefined
}

export interface SignOutPageData {
  readonly brand: string
  readonly action: string
  readonly csrf: string
  readonly account: { readonly email: string; readonly name?: string | undefined }
  readonly client?: SignOutClient | undefined
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export function signOutPage(data: SignOutPageData): string {
  const { brand, action, csrf, account, client, hidden } = data
  return renderPage({
    brand,
    title: 'Sign out',
    children: (
      <article class="card">
        <h1>Sign out?</h1>
        <p class="lead">
          You are signed in as{' '}
          <strong>
            <Foreign text={account.name?.trim() || account.email} />
          </strong>
          .
          {client && (
            <>
              {' '}
              <ClientName {...client} /> asks to sign you out.
            </>
          )}
        </p>
        {client?.location !== undefined && (
          <p class="remark">
            Afterwards you go on to{' '}
            <code>
              <Foreign text={redirectHostOf(client.location)} />
            </code>
          </p>
        )}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <button type="submit">Sign out</button>
        </form>
        <p class="otherwise">
          <a href="/account">Stay signed in</a>
        </p>
      </article>
    ),
  })
}

export function signedOutPage({
  brand,
  client,
}: {
  readonly brand: string
  readonly client?: SignOutClient | undefined
}): string {
  const back = safeHref(client?.location)
  return renderPage({
    brand,
    title: 'Signed out',
    children: (
      <article class="card">
        <h1>You are signed out</h1>
        <p class="lead">Nobody is signed in here in this browser now.</p>
        {client && back && (
          <p>
            <a href={back} rel="noreferrer nofollow">
              Go on to <Foreign text={redirectHostOf(back)} />
            </a>{' '}
            <span class="remark">
              (<ClientName {...client} />)
            </span>
          </p>
        )}
        <p>
          <a href="/sign-in">Sign in again</a>
        </p>
      </article>
    ),
  })
}

function ClientName({ name }: SignOutClient) {
  return <Foreign text={name.trim() || 'An app without a name'} />
}
