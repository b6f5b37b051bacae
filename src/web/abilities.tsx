/**
 * What an app will be able to do, in the operator's words beside the scopes themselves; what it is
 * allowed already stands apart, so that what is new is seen, and so does what is risky. What the
 * person may leave out has a tick, which belongs to the form of the decision.
 */
import { Foreign } from './layout.tsx'
import { useWords } from './words/words.ts'

/** The form that the ticks belong to. */
export const decisionId = 'decision'

export interface ConsentScope {
  readonly scope: string
  readonly description: string
  /** The app may do this already, by an earlier consent that this one takes over. */
  readonly already: boolean
  /** As the operator marks it. */
  readonly isRisky?: boolean
  /** What the form says when the person gives it; absent where they cannot leave it out. */
  readonly tick?: string
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
  const all = resources.flatMap(({ scopes }) => scopes)
  return all.some(({ already }) => already) && all.some(({ already }) => !already)
}

export function Abilities({ resources }: Resources) {
  const words = useWords().consent
  const hasTicks = resources.some(({ scopes }) => scopes.some(({ tick }) => tick !== undefined))
  const lists = addsSomething({ resources }) ? (
    <>
      <AbilityList id="new" title={words.fresh} resources={partOf(resources, false)} />
      <AbilityList id="already" title={words.already} resources={partOf(resources, true)} />
    </>
  ) : (
    <AbilityList id="abilities" title={words.able} resources={resources} />
  )
  return (
    <>
      {lists}
      {hasTicks && <p class="remark">{words.choose}</p>}
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

/** The risky ones last, where the eye is when it comes to the buttons. */
function Scopes({ scopes }: Pick<ConsentResource, 'scopes'>) {
  const words = useWords().consent
  if (scopes.length === 0) return <p>{words.nothingElse}</p>
  const risky = scopes.filter(({ isRisky }) => isRisky)
  const ordinary = scopes.filter(({ isRisky }) => !isRisky)
  return (
    <>
      <ScopeList scopes={ordinary} />
      {risky.length > 0 && (
        <div class="risky">
          <p class="label">{words.highRisk}</p>
          <ScopeList scopes={risky} />
        </div>
      )}
    </>
  )
}

function ScopeList({ scopes }: Pick<ConsentResource, 'scopes'>) {
  if (scopes.length === 0) return null
  return (
    <ul class="scopes">
      {scopes.map((scope) => (
        <li key={scope.scope}>
          {scope.tick === undefined ? (
            <ScopeWords {...scope} />
          ) : (
            <label>
              <input type="checkbox" name="give" form={decisionId} value={scope.tick} checked />
              <ScopeWords {...scope} />
            </label>
          )}
        </li>
      ))}
    </ul>
  )
}

function ScopeWords({ scope, description }: ConsentScope) {
  return (
    <>
      {description.trim() && <Foreign text={description} graphemesMax={descriptionGraphemesMax} />}
      <code>
        <Foreign text={scope} />
      </code>
    </>
  )
}
