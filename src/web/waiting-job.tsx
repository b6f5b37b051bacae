/**
 * A job that needs its person at another site: what for, the way there, and that it may go on. The
 * way is a link of the worker's, so the page shows which host it leads to.
 */
import { type ApprovalProblem, approvalsPath, type ShownClient, WhoAsks } from './approval.tsx'
import { Initial } from './connected-apps.tsx'
import { Exact } from './exact-text.tsx'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { asciiHost, safeHref } from './safe-href.ts'
import { durationInWords } from './time.tsx'

export interface WaitingJobPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly client: ShownClient
  readonly tool: string
  readonly pause: 'captcha' | 'needs_login'
  readonly note: string
  readonly url: string
  /** Of what is shown: the answer brings it back. */
  readonly shownHash: string
  readonly expiresAt: number
  readonly now: number
  readonly problem?: ApprovalProblem | undefined
}

export function waitingJobPage(data: WaitingJobPageData): string {
  const { brand, words, visitor, pause, client, problem } = data
  const { approvals, shell } = words
  const name = client.name.trim() || shell.unnamedApp
  const title = approvals.titles[pause]
  const href = safeHref(data.url)
  return renderPage({
    brand,
    words,
    visitor,
    room: 'approvals',
    title: problem ? shell.problem(title) : title,
    children: (
      <>
        <p>
          <a href={approvalsPath}>{approvals.title}</a>
        </p>
        <article class="card approval">
          <Initial name={name} />
          <h1>
            {approvals.asks[pause](
              <WhoAsks name={name} agent={client.agent} />,
              <Foreign text={data.tool} />,
            )}
          </h1>
          {problem && <Problem>{approvals.problems[problem]}</Problem>}
          <p class="lead">
            <Exact text={data.note} fold={approvals.fold} />
          </p>
          {href !== undefined && (
            <p>
              <a href={href} target="_blank" rel="noreferrer noopener">
                {approvals.openSite(<bdi>{asciiHost(new URL(href).host)}</bdi>)}
              </a>
            </p>
          )}
          <p class="remark">
            {approvals.endsIn(durationInWords((data.expiresAt - data.now) / 1000, words))}
          </p>
          <Forms {...data} />
        </article>
      </>
    ),
  })
}

function Forms({ words, action, csrf, shownHash, pause }: WaitingJobPageData) {
  const { approvals } = words
  return (
    <form method="post" action={action}>
      <HiddenFields fields={{ csrf, shown: shownHash }} />
      {pause === 'captcha' && (
        <TextField
          name="answer"
          label={approvals.answer}
          type="text"
          autocomplete="off"
          hint={approvals.answerHint}
          optional
        />
      )}
      <div class="decision">
        <button type="submit" name="decision" value="resume">
          {approvals.resume}
        </button>
        <button type="submit" name="decision" value="cancel">
          {approvals.cancelJob}
        </button>
      </div>
    </form>
  )
}
