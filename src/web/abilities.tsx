/**
 * What an app will be able to do, in the operator's words beside the scopes themselves; what it is
 * allowed already stands apart, so that what is new is seen.
 */
import { Foreign } from './layout.tsx'

export interface ConsentScope {
  readonly scope: string
  readonly description: string
  /** The app may do this already, by an earlier consent that this one takes over. */
  readonly already: boolean
}

export interface ConsentResource {
  readonly name: string
  readonly identifier: string
  readonly scopes: readonly ConsentScope[]
}

const descriptionGraphemesMax = 300

type Resources = { readonly resources: readonly ConsentResource[] }

/** Whether there is an earlier consent that this one goes beyond. */
export function addsSomething({ resources }: Resources): boolean {
  return resources.some(({ scopes }) => scopes.some(({ already }) => already))
}

export function Abilities({ resources }: Resources) {
  if (!addsSomething({ resources })) {
    return <AbilityList id="abilities" title="It will be able to" resources={resources} />
  }
  return (
    <>
      <AbilityList id="new" title="New" resources={partOf(resources, false)} />
      <AbilityList id="already" title="Already allowed" resources={partOf(resources, true)} />
    </>
  )
}

function partOf(resources: readonly ConsentResource[], already: boolean): ConsentResource[] {
  return resources
    .map((r) => ({ ...r, scopes: r.scopes.filter((scope) => scope.already === already) }))
    .filter(({ scopes }) => scopes.length > 0)
}

function AbilityList({ id, title, resources }: Resources & { id: string; title: string }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {resources.map(({ name, identifier, scopes }) => (
        <>
          {resources.length > 1 && (
            <h3 key={identifier}>
              <Foreign text={name} />
            </h3>
          )}
          <Scopes key={identifier} scopes={scopes} />
        </>
      ))}
    </section>
  )
}

function Scopes({ scopes }: Pick<ConsentResource, 'scopes'>) {
  if (scopes.length === 0) return <p>Know who you are, and nothing else.</p>
  return (
    <ul class="scopes">
      {scopes.map(({ scope, description }) => (
        <li key={scope}>
          {description.trim() && (
            <Foreign text={description} graphemesMax={descriptionGraphemesMax} />
          )}
          <code>
            <Foreign text={scope} />
          </code>
        </li>
      ))}
    </ul>
  )
}
