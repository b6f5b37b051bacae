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
  /** A field that may stay empty says so; the others are required. */
  readonly optional?: boolean
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

function Input(props: TextFieldProps) {
  const { name, type, autocomplete, value, hint, focused, wrong, optional } = props
  const describedBy = [wrong && problemId, hint && hintIdOf(name)].filter(Boolean).join(' ')
  const attributes = {
    id: name,
    name,
    autocomplete,
    required: !optional,
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

interface TextAreaProps {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly value?: string | undefined
  readonly optional?: boolean
}

export function TextArea({ name, label, hint, value, optional }: TextAreaProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint && <small id={hintIdOf(name)}>{hint}</small>}
      <textarea
        id={name}
        name={name}
        rows={3}
        required={!optional}
        {...(hint ? { 'aria-describedby': hintIdOf(name) } : {})}
      >
        {value}
      </textarea>
    </div>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly options: Readonly<Record<string, string>>
  readonly value?: string | undefined
}

/** One of a few, each in words. */
export function Choice({ name, label, options, value }: ChoiceProps) {
  const chosen = value !== undefined && Object.hasOwn(options, value) ? value : undefined
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      {Object.entries(options).map(([option, text], index) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={chosen === undefined ? index === 0 : chosen === option}
          />
          {text}
        </label>
      ))}
    </fieldset>
  )
}

export function Tick(props: { name: string; label: string; checked: boolean }) {
  const { name, label, checked } = props
  return (
    <div class="field">
      <label>
        <input type="checkbox" name={name} value="yes" checked={checked} />
        {label}
      </label>
    </div>
  )
}

function hintIdOf(name: string): string {
  return `${name}-hint`
}
