/** Tells how a job stands and what the person must do, at once, for a client that asks again later. */
import type { Settings } from '../config/settings.ts'
import { findJobView, type JobView } from '../jobs/job-view.ts'
import { shownStatus } from '../jobs/shown-status.ts'
import { maySee } from './job-tool.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

/** What only the person can do, by the status that waits for it. */
const actions = {
  paused_payment: 'Look at what is to be paid, and approve or refuse it',
  captcha: 'Solve the check that the site asks of a person',
  needs_login: 'Sign in at the site',
} as const

const beginning = 'Look at what is to be done, and approve or refuse it'

export async function getJobStatus({ services, token, given }: ToolRun): Promise<ToolAnswer> {
  const jobId = String(given.jobId)
  const found = await findJobView(services.log, jobId)
  // Somebody else's job looks like none, or ids could be tried out; another resource's does too.
  if (!found || !maySee(token, found.state)) {
    return { outcome: 'refused', text: `Cannot find "${jobId}": there is no such job` }
  }
  const { view } = found
  const status = shownStatus(services.settings, view.status)
  const note = view.pause?.note ?? view.note
  const action = actionOf(services.settings, view)
  const { error, percent, result } = view
  const output = {
    ...{ jobId, tool: view.tool, status },
    ...{ queuedAt: view.queued_at, changedAt: view.changed_at },
    ...(note === null ? {} : { note }),
    ...(percent === null ? {} : { percent }),
    ...(action ? { action } : {}),
    ...(result === null ? {} : { result }),
    ...(error === null ? {} : { error: { code: error.code, message: error.message ?? '' } }),
  }
  const words = [
    `Job ${jobId} is ${status}`,
    ...(note === null ? [] : [note]),
    ...(action ? [`${action.what}: ${action.url}`] : []),
    ...(error === null ? [] : [`${error.code}: ${error.message}`]),
  ]
  return { outcome: 'done', output, text: words.join('\n') }
}

/** The person goes to our own pages, never straight to where a worker says. */
function actionOf({ issuer }: Settings, { job_id, status, approval_id, pause }: JobView) {
  const page = approval_id === null ? `jobs/${job_id}` : approval_id
  const url = `${issuer}/approvals/${page}`
  if (status === 'queued' && approval_id !== null) return { what: beginning, url }
  if (pause === null || !isWaiting(status)) return undefined
  const action = { what: actions[status], url }
  if (!pause.payment) return action
  const { amount, currency, payee, description } = pause.payment
  return { ...action, payment: { amount, currency, payee, description } }
}

function isWaiting(status: string): status is keyof typeof actions {
  return Object.hasOwn(actions, status)
}
