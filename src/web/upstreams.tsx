/**
 * The parts of pages about signing in by another service: a button for each, and on the account
 * page what is linked. The page on the way there is one of its own, because Chromium applies
 * `form-action` to every redirect that follows a form, and where a service redirects to in the end
 * is for nobody here to know; a page that leads on ends the form's journey.
 *
 * @see [CSP3 §6.4.1 - form-action](https://www.w3.org/TR/CSP3/#directive-form-action)
 */
import { plainText } from './clean-text.ts'
import { HiddenFields, Problem } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { asciiHost, parseUrl, safeHref } from './safe-href.ts'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export type UpstreamPageProblem = keyof Words['upstreams']['problems']

export interface UpstreamChoice {
  readonly id: string
  readonly name: string
}

export function UpstreamButtons({
  upstreams,
  hidden,
}: {
  readonly upstreams: readonly UpstreamChoice[]
  readonly hidden: Readonly<Record<string, string>>
}) {
  const words = useWords().upstreams
  return (
    <form method="post" action="/sign-in/with" class="upstreams">
      <HiddenFields fields={hidden} />
      <p class="or">{words.or}</p>
      {upstreams.map(({ id, name }) => (
        <button type="submit" name="upstream" value={id} class="plain" key={id}>
          {words.continueWith(<Foreign text={name} />)}
        </button>
      ))}
    </form>
  )
}

export interface LinkedIdentity {
  readonly identityKey: string
  readonly upstreamName: string
  readonly label: string
  /** Milliseconds since 1970. */
  readonly linkedAt: number
}

export interface IdentitiesShown {
  readonly csrf: string
  readonly linked: readonly LinkedIdentity[]
  /** Those that may be linked beside them. */
  readonly upstreams: readonly UpstreamChoice[]
  readonly problem?: UpstreamPageProblem | undefined
}

export function Identities({ csrf, linked, upstreams, problem }: IdentitiesShown) {
  const { identities: words, problems } = useWords().upstreams
  return (
    <section aria-labelledby="identities">
      <h2 id="identities">{words.title}</h2>
      {problem && <Problem>{problems[problem]}</Problem>}
      <div class="card">
        {linked.length === 0 ? (
          <p>{words.none}</p>
        ) : (
          <ul class="identities">
            {linked.map((identity) => (
              <Linked key={identity.identityKey} {...identity} csrf={csrf} />
            ))}
          </ul>
        )}
        {upstreams.length > 0 && (
          <form method="post" action="/account/link" class="links">
            <HiddenFields fields={{ csrf }} />
            {upstreams.map(({ id, name }) => (
              <button type="submit" name="upstream" value={id} class="plain" key={id}>
                {words.link(<Foreign text={name} />)}
              </button>
            ))}
          </form>
        )}
      </div>
    </section>
  )
}

function Linked({
  identityKey,
  upstreamName,
  label,
  linkedAt,
  csrf,
}: LinkedIdentity & { csrf: string }) {
  const { identities: words } = useWords().upstreams
  const which = words.unlinkWhich(plainText(upstreamName), plainText(label))
  return (
    <li class="identity">
      <p>
        <strong>
          <Foreign text={upstreamName} />
        </strong>{' '}
        <Foreign text={label} />
        <span class="remark">{words.linked(<Moment atMs={linkedAt} />)}</span>
      </p>
      <form method="post" action="/account/unlink">
        <HiddenFields fields={{ csrf, identity: identityKey }} />
        <button type="submit" class="plain" aria-label={which}>
          {words.unlink}
        </button>
      </form>
    </li>
  )
}

export interface OnwardPageData extends PageShell {
  readonly upstreamName: string
  /** Where the browser goes by itself, as the answer's `Refresh` header says. */
  readonly url: string
}

export function onwardPage({ brand, words, upstreamName, url }: OnwardPageData): string {
  const { onward } = words.upstreams
  const href = safeHref(url)
  return renderPage({
    brand,
    words,
    title: onward.title(upstreamName),
    children: (
      <article class="card">
        <h1>{onward.heading(<Foreign text={upstreamName} />)}</h1>
        <p>{onward.text(<strong>{asciiHost(parseUrl(url)?.host ?? '')}</strong>)}</p>
        {href && (
          <p>
            <a href={href} rel="noreferrer">
              {onward.go}
            </a>
          </p>
        )}
      </article>
    ),
  })
}

export interface TelegramPageData extends PageShell {
  readonly action: string
  /** What Telegram signed, and the `csrf` of this page. */
  readonly hidden: Readonly<Record<string, string>>
  readonly label: string
  readonly name: string
  /** Whether the form links the identity with the account that is signed in, or signs in by it. */
  readonly purpose: 'sign in' | 'link'
}

export function telegramPage(data: TelegramPageData): string {
  const { brand, words, action, hidden, purpose } = data
  const { telegram } = words.upstreams
  const isLink = purpose === 'link'
  const who = (
    <strong>
      <Foreign text={data.label.trim() || data.name} />
    </strong>
  )
  return renderPage({
    brand,
    words,
    title: isLink ? telegram.linkTitle : telegram.signInTitle,
    children: (
      <article class="card">
        <h1>{isLink ? telegram.linkTitle : telegram.signInTitle}</h1>
        <p class="lead">{isLink ? telegram.linkAs(who) : telegram.signInAs(who)}</p>
        <p>{telegram.warning}</p>
        <form method="post" action={action}>
          <HiddenFields fields={hidden} />
          <button type="submit">{isLink ? telegram.link : telegram.signIn}</button>
        </form>
      </article>
    ),
  })
}
