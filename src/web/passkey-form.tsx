/**
 * A form that an authenticator fills in. It is hidden until the script has found that the browser
 * can do it.
 */
import type { ComponentChildren } from 'preact'
import { HiddenFields } from './form.tsx'
import { useWords } from './words/words.ts'

export interface PasskeyFormProps {
  readonly wants: 'get' | 'create'
  readonly action: string
  /** For `navigator.credentials`, in WebAuthn's JSON. */
  readonly options: object
  readonly hidden: Readonly<Record<string, string>>
  readonly submit: string
  readonly children?: ComponentChildren
}

export function PasskeyForm({
  wants,
  action,
  options,
  hidden,
  submit,
  children,
}: PasskeyFormProps) {
  const { signIn } = useWords()
  return (
    <form
      method="post"
      action={action}
      hidden
      data-passkey={wants}
      data-options={JSON.stringify(options)}
    >
      <HiddenFields fields={{ ...hidden, credential: '' }} />
      {children}
      <button type="submit" class={wants === 'get' ? 'secondary' : undefined}>
        {submit}
      </button>
      <p role="status" hidden>
        {signIn.noPasskey}
      </p>
    </form>
  )
}
