/**
 * The pages of signing out: the question, where somebody else than the person may have asked for
 * it, and the news that it is done. A client's address is a link with its host, never a redirect
 * that the person has not chosen.
 * @see [OpenID Connect RP-Initiated Logout 1.0 §6 - Security Considerations](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#Security)
 */
import { plainText } from './clean-text.ts'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { redirectHostOf, safeHref } from './safe-href.ts'
import { useWords } from './words/words.ts'

export interface SignOutClient {
  readonly name: string
  /** Where it wants the browser to go afterwards. */
  readonly location?: string | undefined
}

export interface SignOutPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly account: { readonly email: string; readonly name?: string | undefined }
  readonly client?: SignOutClient | undefined
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export function signOutPage(data: SignOutPageData): string {
  const { brand, words, action, csrf, account, client, hidden } = data
  const { signOut } = words
  return renderPage({
    brand,
    words,
    title: signOut.title,
    children: (
      <article class="card">
        <h1>{signOut.question}</h1>
        <p class="lead">
          {signOut.signedInAs(
            <strong>
              <Foreign text={account.name?.trim() || account.email} />
            </strong>,
          )}
          {client && <> {signOut.asked(<ClientName {...client} />)}</>}
        </p>
        {client?.location !== undefined && (
          <p class="remark">
            {signOut.afterwards(
              <code>
                <Foreign text={redirectHostOf(client.location)} />
              </code>,
            )}
          </p>
        )}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <button type="submit">{signOut.submit}</button>
        </form>
        <p class="otherwise">
          <a href="/account">{signOut.stay}</a>
        </p>
      </article>
    ),
  })
}

export function signedOutPage({
  brand,
  words,
  client,
}: PageShell & { readonly client?: SignOutClient | undefined }): string {
  const { signOut } = words
  const back = safeHref(client?.location)
  return renderPage({
    brand,
    words,
    title: signOut.doneTitle,
    children: (
      <article class="card">
        <h1>{signOut.done}</h1>
        <p class="lead">{signOut.nobody}</p>
        {client && back && (
          <p>
            <a href={back} rel="noreferrer nofollow">
              {signOut.goOn(<Foreign text={redirectHostOf(back)} />)}
            </a>{' '}
            <span class="remark">
              (<ClientName {...client} />)
            </span>
          </p>
        )}
        <p>
          <a href="/sign-in">{signOut.again}</a>
        </p>
      </article>
    ),
  })
}

function ClientName({ name }: SignOutClient) {
  return <Foreign text={plainText(name) || useWords().shell.unnamedApp} />
}
