/**
 * The parts that forms share. Every form is a POST with a `csrf` field; a field that a problem
 * speaks of points at it with `aria-describedby`, so that it is heard on arrival and again on
 * the field.
 */
import type { ComponentChildren } from 'preact'

export const problemId = 'problem'

/** The one alert of a page: what went wrong with what was just sent. */
export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <div class="notice problem" role="alert" id={problemId}>
      <p>{children}</p>
    </div>
  )
}

export function HiddenFields({ fields }: { fields: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} key={name} />
      ))}
    </>
  )
}

export interface TextFieldProps {
  readonly name: string
  readonly label: string
  readonly type: 'email' | 'password' | 'text'
  readonly autocomplete: string
  readonly value?: string | undefined
  readonly hint?: string
  readonly focused?: boolean
  /** The problem above the form speaks of this field. */
  readonly wrong?: boolean
}

export function TextField(props: TextFieldProps) {
  const { name, label, hint } = props
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint && <small id={hintIdOf(name)}>{hint}</small>}
      <Input {...props} />
    </div>
  )
}

function Input({ name, type, autocomplete, value, hint, focused, wrong }: TextFieldProps) {
  const describedBy = [wrong && problemId, hint && hintIdOf(name)].filter(Boolean).join(' ')
  const attributes = {
    id: name,
    name,
    autocomplete,
    required: true,
    spellcheck: false,
    ...(value === undefined ? {} : { value }),
    ...(focused ? { autofocus: true } : {}),
    ...(wrong ? { 'aria-invalid': 'true' as const } : {}),
    ...(describedBy ? { 'aria-describedby': describedBy } : {}),
  }
  switch (type) {
    case 'email':
      return <input type="email" {...attributes} />
    case 'password':
      return <input type="password" {...attributes} />
    case 'text':
      return <input type="text" {...attributes} />
    default:
      return type satisfies never
  }
}

function hintIdOf(name: string): string {
  return `${name}-hint`
}
