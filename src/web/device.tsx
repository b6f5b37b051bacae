/**
 * The pages of a device that has no browser: where its code is typed in, what it asks for, and
 * what has become of it. Whoever was sent here by somebody else's message has not started
 * anything, so the page with the decision says so before it asks.
 *
 * @see [RFC 8628 §3.3 - User Interaction](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.3)
 * @see [RFC 8628 §5.4 - Remote Phishing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.4)
 */
import { Abilities, addsSomething, decisionId } from './abilities.tsx'
import { Account, type ConsentPageData, clientName, Facts, Logo, NameOrigin } from './consent.tsx'
import { canChoose, DetailChoices, Details, mustChoose } from './consent-details.tsx'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { durationInWords } from './time.tsx'

export type DeviceProblem = 'wrong_code' | 'too_many_attempts' | 'expired' | 'too_weak'

export interface DeviceCodePageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly userCode?: string | undefined
  readonly problem?: DeviceProblem | undefined
  /** With `too_many_attempts`: when the next attempt counts. */
  readonly retryAfterSeconds?: number | undefined
}

export function deviceCodePage(data: DeviceCodePageData): string {
  const { brand, words, action, csrf, userCode, problem } = data
  const { device, shell } = words
  return renderPage({
    brand,
    words,
    title: problem ? shell.problem(device.title) : device.title,
    children: (
      <article class="card">
        <h1>{device.title}</h1>
        <p class="lead">{userCode && !problem ? device.compare : device.lead}</p>
        {problem && <Problem>{problemText(data, problem)}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ csrf }} />
          <TextField
            name="user_code"
            label={device.code}
            type="text"
            autocomplete="off"
            hint={device.codeHint}
            value={userCode}
            focused
            wrong={problem === 'wrong_code'}
          />
          <button type="submit">{device.submit}</button>
        </form>
      </article>
    ),
  })
}

function problemText({ words, retryAfterSeconds }: DeviceCodePageData, problem: DeviceProblem) {
  const { problems, tryAgainIn } = words.device
  if (problem !== 'too_many_attempts' || retryAfterSeconds === undefined) return problems[problem]
  return tryAgainIn(durationInWords(retryAfterSeconds, words))
}

export interface DeviceConsentPageData
  extends PageShell,
    Pick<
      ConsentPageData,
      | 'action'
      | 'csrf'
      | 'client'
      | 'account'
      | 'switchAccount'
      | 'resources'
      | 'details'
      | 'accessTtlSeconds'
      | 'refreshTtlSeconds'
    > {
  /** As the device shows it. */
  readonly userCode: string
  /** What the page shows, in short: the answer brings it back. */
  readonly shown: string
  /** Where the page can be asked for once more. */
  readonly again: string
}

export function deviceConsentPage(data: DeviceConsentPageData): string {
  const { brand, words, action, csrf, client, resources, userCode } = data
  const { device } = words
  const name = clientName(data)
  const hidden = { user_code: userCode }
  return renderPage({
    brand,
    words,
    title: device.allow(name.text),
    children: (
      <article class="card consent">
        <Logo client={client} name={name} />
        <h1>
          {(addsSomething({ resources }) ? words.consent.asksForMore : device.asks)(
            <bdi>{name.text}</bdi>,
            <Foreign text={words.consent.and(resources.map((resource) => resource.name))} />,
          )}
        </h1>
        <NameOrigin client={client} name={name} />
        <Account account={data.account} switchAccount={data.switchAccount} hidden={hidden} />
        <div class="notice warning" role="note">
          <p>
            <strong>{device.ownDevice}</strong>{' '}
            {device.sameCode(
              <code>
                <Foreign text={userCode} />
              </code>,
            )}
          </p>
        </div>
        <Abilities resources={resources} />
        <Details details={data.details} />
        <Facts {...data} />
        <form method="post" action={action} class="decision" id={decisionId}>
          <HiddenFields fields={{ csrf, ...hidden, shown: data.shown }} />
          <DetailChoices details={data.details} again={data.again} />
          {canChoose(data) && (
            <button type="submit" name="decision" value="approve">
              {device.approve}
            </button>
          )}
          <button type="submit" name="decision" value="deny" formnovalidate={mustChoose(data)}>
            {device.deny}
          </button>
        </form>
      </article>
    ),
  })
}

/** What the person decided, so that they can put this screen away. */
export function deviceDonePage({
  brand,
  words,
  approved,
}: PageShell & { readonly approved: boolean }): string {
  const { done, refused } = words.device
  const { title, text } = approved ? done : refused
  return renderPage({
    brand,
    words,
    title,
    children: (
      <article class="card">
        <h1>{title}</h1>
        <p class="lead">{text}</p>
        <p>
          <a href="/account">{words.account.title}</a>
        </p>
      </article>
    ),
  })
}
