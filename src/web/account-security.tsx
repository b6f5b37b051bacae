/** How a person signs in: their passkeys, the app that shows codes, what is left of the recovery codes. */
import { plainText } from './clean-text.ts'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { PasskeyForm } from './passkey-form.tsx'
import { passkeyScript } from './passkey-script.ts'
import { type SecurityProblem, securityProblemText } from './security-problem.ts'
import { Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface ShownPasskey {
  readonly credentialId: string
  readonly name: string
  readonly synced: boolean
  /** Milliseconds since 1970. */
  readonly addedAt: number
  readonly usedAt?: number | undefined
}

export interface SecurityPageData extends PageShell {
  readonly csrf: string
  readonly passkeys: readonly ShownPasskey[]
  /** For `navigator.credentials`; absent where this server can have no passkeys. */
  readonly newPasskey?: object | undefined
  /** Absent while codes are off. */
  readonly totp?: { readonly enabledAt: number; readonly recoveryCodesLeft: number } | undefined
  readonly problem?: SecurityProblem | undefined
}

export function securityPage(data: SecurityPageData): string {
  const { brand, words, newPasskey, passkeys, problem } = data
  const { title, lead, back } = words.security
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'security',
    title: problem ? words.shell.problem(title) : title,
    width: 'wide',
    ...(newPasskey ? { script: passkeyScript.path } : {}),
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        {problem && <Problem>{securityProblemText(data, problem)}</Problem>}
        {(newPasskey || passkeys.length > 0) && <Passkeys {...data} />}
        <Codes {...data} />
        <p>
          <a href="/account">{back}</a>
        </p>
      </>
    ),
  })
}

function Passkeys({ passkeys, newPasskey, csrf }: SecurityPageData) {
  const { fields, security } = useWords()
  const words = security.passkeys
  return (
    <section class="security" aria-labelledby="passkeys">
      <h2 id="passkeys">{words.title}</h2>
      <p>{words.lead}</p>
      {passkeys.length === 0 ? (
        <div class="card empty">
          <p>
            <strong>{words.none}</strong>
          </p>
        </div>
      ) : (
        <ul class="card apps">
          {passkeys.map((passkey) => (
            <PasskeyItem key={passkey.credentialId} passkey={passkey} csrf={csrf} />
          ))}
        </ul>
      )}
      {newPasskey && (
        <>
          <noscript>
            <p class="remark">{words.needsScript}</p>
          </noscript>
          <PasskeyForm
            wants="create"
            action="/account/security/passkeys"
            options={newPasskey}
            hidden={{ csrf }}
            submit={words.add}
            failed={words.notAdded}
          >
            <TextField
              name="name"
              label={fields.name}
              hint={words.nameHint}
              type="text"
              autocomplete="off"
            />
          </PasskeyForm>
        </>
      )}
    </section>
  )
}

function PasskeyItem({ passkey, csrf }: { passkey: ShownPasskey; csrf: string }) {
  const words = useWords().security.passkeys
  const { credentialId, synced, addedAt, usedAt } = passkey
  const name = passkey.name.trim() || words.unnamed
  return (
    <li class="with-action">
      <div>
        <h3>
          <Foreign text={name} />
        </h3>
        <p class="remark">
          {synced ? words.synced : words.oneDevice} · {words.added(<Moment atMs={addedAt} />)} ·{' '}
          {usedAt === undefined ? words.unused : words.used(<Moment atMs={usedAt} />)}
        </p>
      </div>
      <form method="post" action="/account/security/remove-passkey">
        <HiddenFields fields={{ csrf, credential_id: credentialId }} />
        <button type="submit" class="plain" aria-label={words.removeNamed(plainText(name))}>
          {words.remove}
        </button>
      </form>
    </li>
  )
}

function Codes({ totp, csrf }: SecurityPageData) {
  const { totp: words, recovery } = useWords().security
  if (!totp) {
    return (
      <section class="security" aria-labelledby="codes">
        <h2 id="codes">{words.title}</h2>
        <div class="card">
          <p>{words.off}</p>
          <a class="as-button" href="/account/security/codes">
            {words.setUp}
          </a>
        </div>
      </section>
    )
  }
  return (
    <section class="security" aria-labelledby="codes">
      <h2 id="codes">{words.title}</h2>
      <ul class="card apps">
        <li class="with-action">
          <p>{words.on(<Moment atMs={totp.enabledAt} />)}</p>
          <Action action="/account/security/turn-off-codes" csrf={csrf} text={words.turnOff} />
        </li>
        <li class="with-action">
          <p>{recovery.left(totp.recoveryCodesLeft)}</p>
          <Action action="/account/security/recovery-codes" csrf={csrf} text={recovery.renew} />
        </li>
      </ul>
    </section>
  )
}

function Action({ action, csrf, text }: { action: string; csrf: string; text: string }) {
  return (
    <form method="post" action={action}>
      <HiddenFields fields={{ csrf }} />
      <button type="submit" class="plain">
        {text}
      </button>
    </form>
  )
}
