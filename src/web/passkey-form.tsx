/**
 * A form that an authenticator fills in. It is hidden until the script has found that the browser
 * can do it.
 */
import type { ComponentChildren } from 'preact'
import { HiddenFields } from './form.tsx'

export interface PasskeyFormProps {
  readonly wants: 'get' | 'create'
  readonly action: string
  /** For `navigator.credentials`, in WebAuthn's JSON. */
  readonly options: object
  readonly hidden: Readonly<Record<string, string>>
  readonly submit: string
  /** What is said when the authenticator did not do it. */
  readonly failed: string
  readonly children?: ComponentChildren
}

export function PasskeyForm(props: PasskeyFormProps) {
  const { wants, action, options, hidden, submit, failed, children } = props
  return (
    <form
      class="passkey"
      method="post"
      action={action}
      hidden
      data-passkey={wants}
      data-options={JSON.stringify(options)}
    >
      <HiddenFields fields={{ ...hidden, credential: '' }} />
      {children}
      <button type="submit" class={wants === 'get' ? 'plain' : undefined}>
        {submit}
      </button>
      <p role="status" hidden>
        {failed}
      </p>
    </form>
  )
}
