/** What the server does by itself, a while after it last did it. A failure is logged, and tried again. */
import { warnOfExpiry } from '../identity/api-token-letters.ts'
import { endApprovals } from '../jobs/decide-approval.ts'
import { endLostLeases, expireJobs } from '../jobs/end-waiting.ts'
import { notifyClients } from '../protocol/authorization/back-channel-ping.ts'
import type { Services } from '../protocol/services.ts'
import { countActivity } from './count-activity.ts'
import { endExpiredGrants } from './end-expired-grants.ts'
import { hibernateClients } from './hibernate-clients.ts'
import { rotateKeys } from './rotate-keys.ts'

type Tasks = Readonly<Record<string, () => Promise<unknown>>>

/** Who waits for a job, or for an answer, waits for these. */
const quickEverySeconds = 5
const everySeconds = 60

export function startTasks(services: Services): { stop(): Promise<void> } {
  const all = [
    repeat(services, { tasks: quickTasks(services), seconds: quickEverySeconds }),
    repeat(services, { tasks: tasksOf(services), seconds: everySeconds }),
  ]
  return {
    stop: async () => {
      await Promise.all(all.map(({ stop }) => stop()))
    },
  }
}

function quickTasks(services: Services): Tasks {
  return {
    'end lost leases': () => endLostLeases(services),
    'expire jobs': () => expireJobs(services),
    'end approvals': () => endApprovals(services),
    'notify clients': () => notifyClients(services),
  }
}

function tasksOf(services: Services): Tasks {
  return {
    purge: () => services.expiring.purge(),
    count: () => countActivity(services),
    warn: () => warnOfExpiry(services),
    mail: async () => services.mail.wake(),
    keys: () => rotateKeys(services),
    end: () => endExpiredGrants(services),
    hibernate: () => hibernateClients(services),
  }
}

function repeat(
  services: Services,
  { tasks, seconds }: { tasks: Tasks; seconds: number },
): { stop(): Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  const wait = () => {
    timer = setTimeout(tick, seconds * 1000)
  }
  const tick = () => {
    running = runOnce(services, tasks).finally(() => {
      if (!stopped) wait()
    })
  }
  wait()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function runOnce({ logger }: Services, tasks: Tasks): Promise<void> {
  for (const [task, run] of Object.entries(tasks)) {
    try {
      await run()
    } catch (error) {
      logger.error({ task, cause: String(error) }, 'task failed; it will run again')
    }
  }
}
