/**
 * The page that asks before anything is done, and the one that shows a new secret. Every action
 * has the same form: what follows from it, what it needs to be told, one button, and a way back.
 */
import type { ComponentChildren } from 'preact'
import { type AdminSection, renderAdmin } from './admin-frame.tsx'
import { DefinitionChanges, type ShownChange } from './definition-changes.tsx'
import { Choice, HiddenFields, Problem, TextArea, TextField, Tick } from './form.tsx'
import { Foreign, type PageShell } from './layout.tsx'
import type { AdminActionName, AdminProblem } from './words/english-admin-actions.ts'
import { useWords, type Words } from './words/words.ts'

export type ActionField =
  | 'reason'
  | 'overlapHours'
  | 'name'
  | 'kind'
  | 'redirectUris'
  | 'scope'
  | 'groups'
  | 'permissions'
  | 'email'
  | 'password'
  | 'admin'

export type ActionProblem = AdminProblem | keyof Words['setup']['problems']

export interface AdminActionData extends PageShell {
  readonly section: AdminSection
  readonly action: AdminActionName
  readonly csrf: string
  readonly hidden: Readonly<Record<string, string>>
  /** What it is done to, by name; absent where something is made. */
  readonly subject?: string | undefined
  readonly fields: readonly ActionField[]
  readonly values: Readonly<Record<string, string>>
  readonly problem?: ActionProblem | undefined
  /** What is wrong in the words of the protocol, which are English. */
  readonly detail?: string | undefined
  readonly back: string
  readonly changes?: readonly ShownChange[] | undefined
}

export function actionPage(data: AdminActionData): string {
  const { words, action, csrf, hidden, subject, fields, values, back, section } = data
  const texts = words.adminActions.actions[action]
  return renderAdmin({
    ...data,
    section,
    title: texts.title,
    children: (
      <article class="card ask">
        <h1>{texts.title}</h1>
        {subject !== undefined && (
          <p class="lead">
            <strong>
              <Foreign text={subject} />
            </strong>
          </p>
        )}
        <Wrong {...data} />
        <p>{texts.lead}</p>
        {data.changes && <DefinitionChanges changes={data.changes} />}
        <form method="post" action={`/admin/do/${action}`}>
          <HiddenFields fields={{ csrf, ...hidden }} />
          {fields.map((name) => (
            <Field key={name} name={name} value={values[name]} />
          ))}
          <div class="decision">
            <button type="submit">{texts.submit}</button>
            <a href={back}>{words.admin.cancel}</a>
          </div>
        </form>
      </article>
    ),
  })
}

function Wrong({ problem, detail }: Pick<AdminActionData, 'problem' | 'detail'>) {
  const { adminActions, setup } = useWords()
  if (problem === undefined) return null
  const texts: Readonly<Record<string, string>> = { ...setup.problems, ...adminActions.problems }
  return (
    <Problem>
      {texts[problem]}
      {detail !== undefined && (
        <span lang="en">
          {' '}
          <Foreign text={detail} graphemesMax={200} />
        </span>
      )}
    </Problem>
  )
}

function Field({ name, value }: { name: ActionField; value: string | undefined }) {
  const { fields, adminActions } = useWords()
  const texts = adminActions.fields
  const plain = { name, type: 'text', autocomplete: 'off', value } as const
  const fieldsByName: Readonly<Record<ActionField, () => ComponentChildren>> = {
    reason: () => (
      <TextArea name={name} label={texts.reason} hint={texts.reasonHint} value={value} />
    ),
    overlapHours: () => (
      <TextField
        {...plain}
        label={texts.overlapHours}
        hint={texts.overlapHint}
        value={value ?? '24'}
      />
    ),
    name: () => <TextField {...plain} label={fields.name} />,
    kind: () => <Choice name={name} label={texts.kind} options={texts.kinds} value={value} />,
    redirectUris: () => (
      <TextArea
        name={name}
        label={texts.redirectUris}
        hint={texts.redirectUrisHint}
        value={value}
        optional
      />
    ),
    scope: () => <TextField {...plain} label={texts.scope} hint={texts.scopeHint} optional />,
    groups: () => <TextField {...plain} label={texts.groups} hint={texts.groupsHint} optional />,
    permissions: () => (
      <TextField {...plain} label={texts.permissions} hint={texts.permissionsHint} optional />
    ),
    email: () => <TextField {...plain} type="email" label={fields.email} />,
    password: () => (
      <TextField
        name={name}
        type="password"
        autocomplete="new-password"
        label={texts.initialPassword}
        hint={fields.passwordHint}
      />
    ),
    admin: () => <Tick name={name} label={texts.admin} checked={value === 'yes'} />,
  }
  return <>{fieldsByName[name]()}</>
}

export interface AdminSecretData extends PageShell {
  readonly clientId: string
  /** Absent for a client that needs none. */
  readonly secret: string | undefined
  readonly goOn: string
}

export function secretPage(data: AdminSecretData): string {
  const { words, clientId, secret, goOn } = data
  const texts = words.admin.secret
  const title = secret === undefined ? texts.made : texts.title
  return renderAdmin({
    ...data,
    section: 'clients',
    title,
    children: (
      <article class="card ask">
        <h1>{title}</h1>
        <p>{secret === undefined ? texts.noSecret : texts.lead}</p>
        <dl class="facts">
          <dt>{words.admin.client.id}</dt>
          <dd>
            <code>
              <Foreign text={clientId} graphemesMax={300} />
            </code>
          </dd>
          {secret !== undefined && (
            <>
              <dt>{texts.secret}</dt>
              <dd>
                <code>{secret}</code>
              </dd>
            </>
          )}
        </dl>
        <p>
          <a href={goOn}>{secret === undefined ? texts.goOnPublic : texts.goOn}</a>
        </p>
      </article>
    ),
  })
}
