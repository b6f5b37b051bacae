/**
 * The pages of a person whom an app asks from elsewhere: what waits for them, and each question
 * with what it would give. Nobody at the app's screen can be seen from here, so the text that both
 * show is the largest thing on the page, and what to do if it is another stands beside it.
 *
 * @see [OpenID Connect CIBA Core 1.0 §7.1 - binding_message](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request)
 */
import { Abilities } from './abilities.tsx'
import { cleanText } from './clean-text.ts'
import { type ConsentPageData, clientName, Facts, Logo, NameOrigin } from './consent.tsx'
import { Details } from './consent-details.tsx'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { durationInWords, Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

/** Where both forms and list stand. */
export const backChannelPath = '/approvals/apps'

const nameGraphemesMax = 60

export type BackChannelDone = keyof Words['backChannel']['done']

export interface BackChannelPageData extends PageShell {
  readonly questions: readonly {
    readonly href: string
    readonly clientName: string
    readonly bindingMessage?: string | undefined
    readonly endsInSeconds: number
  }[]
  readonly muted: readonly {
    readonly clientId: string
    readonly clientName: string
    readonly mutedAt: number
  }[]
  readonly csrf: string
  readonly done?: BackChannelDone | undefined
}

export function backChannelPage(data: BackChannelPageData): string {
  const { brand, words, visitor, questions, done } = data
  const { backChannel } = words
  return renderPage({
    brand,
    words,
    visitor,
    title: backChannel.title,
    width: 'wide',
    children: (
      <>
        <h1>{backChannel.title}</h1>
        {done && (
          <div class="notice done" role="status">
            <p>{backChannel.done[done]}</p>
          </div>
        )}
        <p class="lead">{backChannel.lead}</p>
        {questions.length === 0 ? (
          <div class="card empty">
            <p>
              <strong>{backChannel.none}</strong>
            </p>
            <p>{backChannel.noneAdvice}</p>
          </div>
        ) : (
          <Questions {...data} />
        )}
        <Muted {...data} />
      </>
    ),
  })
}

function Questions({ questions }: Pick<BackChannelPageData, 'questions'>) {
  const words = useWords()
  const { backChannel } = words
  return (
    <section aria-labelledby="open">
      <h2 id="open">{backChannel.open}</h2>
      <ul class="card apps">
        {questions.map(({ href, clientName, bindingMessage, endsInSeconds }) => (
          <li key={href}>
            <h3>
              <a href={href}>{backChannel.listed(<AppName name={clientName} />)}</a>
            </h3>
            {bindingMessage !== undefined && (
              <p>
                <strong>
                  <Foreign text={bindingMessage} />
                </strong>
              </p>
            )}
            <p class="remark">{backChannel.endsIn(durationInWords(endsInSeconds, words))}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Muted({ muted, csrf }: Pick<BackChannelPageData, 'muted' | 'csrf'>) {
  const words = useWords()
  const { backChannel } = words
  if (muted.length === 0) return null
  return (
    <section aria-labelledby="muted">
      <h2 id="muted">{backChannel.muted}</h2>
      <p>{backChannel.mutedLead}</p>
      <ul class="card apps">
        {muted.map(({ clientId, clientName, mutedAt }) => (
          <li key={clientId}>
            <h3>
              <AppName name={clientName} />
            </h3>
            <p class="remark">{backChannel.mutedSince(<Moment atMs={mutedAt} />)}</p>
            <form method="post" action={backChannelPath}>
              <HiddenFields fields={{ csrf, client: clientId }} />
              <button
                type="submit"
                class="plain"
                aria-label={`${backChannel.unmute}: ${nameText(clientName, words)}`}
              >
                {backChannel.unmute}
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  )
}

function nameText(name: string, { shell }: Words): string {
  return cleanText(name).text || shell.unnamedApp
}

function AppName({ name }: { name: string }) {
  return <Foreign text={nameText(name, useWords())} graphemesMax={nameGraphemesMax} />
}

export interface BackChannelQuestionData
  extends PageShell,
    Pick<
      ConsentPageData,
      'csrf' | 'client' | 'resources' | 'details' | 'accessTtlSeconds' | 'refreshTtlSeconds'
    > {
  readonly action: string
  /** What the page shows, in short: the answer brings it back. */
  readonly shown: string
  readonly bindingMessage?: string | undefined
  readonly endsInSeconds: number
}

export function backChannelQuestionPage(data: BackChannelQuestionData): string {
  const { brand, words, visitor, action, csrf, client, resources } = data
  const { backChannel } = words
  const name = clientName(data)
  return renderPage({
    brand,
    words,
    visitor,
    title: backChannel.allow(name.text),
    children: (
      <article class="card consent">
        <Logo client={client} name={name} />
        <h1>
          {backChannel.asks(
            <bdi>{name.text}</bdi>,
            <Foreign text={words.consent.and(resources.map((resource) => resource.name))} />,
          )}
        </h1>
        <NameOrigin client={client} name={name} />
        <BindingMessage {...data} name={name.text} />
        <Abilities resources={resources} />
        <Details details={data.details} />
        <Facts {...data} />
        <p class="remark">
          {backChannel.ends} {durationInWords(data.endsInSeconds, words)}.
        </p>
        <form method="post" action={action} class="decision">
          <HiddenFields fields={{ csrf, shown: data.shown }} />
          <button type="submit" name="decision" value="approve">
            {backChannel.approve}
          </button>
          <button type="submit" name="decision" value="deny">
            {backChannel.deny}
          </button>
        </form>
        <form method="post" action={action}>
          <HiddenFields fields={{ csrf, shown: data.shown }} />
          <button type="submit" name="decision" value="mute" class="plain">
            {backChannel.mute}
          </button>
        </form>
      </article>
    ),
  })
}

function BindingMessage({
  bindingMessage,
  name,
}: Pick<BackChannelQuestionData, 'bindingMessage'> & { name: string }) {
  const { backChannel } = useWords()
  return (
    <>
      {bindingMessage !== undefined && (
        <p class="binding">
          <span class="label">{backChannel.message}</span>
          <strong>
            <Foreign text={bindingMessage} />
          </strong>
        </p>
      )}
      <div class="notice warning" role="note">
        <p>
          <strong>{backChannel.started}</strong>{' '}
          {bindingMessage === undefined && `${backChannel.noMessage} `}
          {backChannel.ifNot(<bdi>{name}</bdi>)}
        </p>
      </div>
    </>
  )
}
