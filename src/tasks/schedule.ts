/** What the server does by itself, a minute after it last did it. A failure is logged, and tried again. */
import { warnOfExpiry } from '../identity/api-token-letters.ts'
import type { Services } from '../protocol/services.ts'
import { countActivity } from './count-activity.ts'
import { endExpiredGrants } from './end-expired-grants.ts'
import { hibernateClients } from './hibernate-clients.ts'
import { rotateKeys } from './rotate-keys.ts'

const everySeconds = 60

export function startTasks(services: Services): { stop(): Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  const tick = () => {
    running = runOnce(services).finally(() => {
      if (!stopped) timer = setTimeout(tick, everySeconds * 1000)
    })
  }
  timer = setTimeout(tick, everySeconds * 1000)
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function runOnce(services: Services): Promise<void> {
  const tasks = {
    purge: () => services.expiring.purge(),
    count: () => countActivity(services),
    warn: async () => void (await warnOfExpiry(services)),
    mail: async () => services.mail.wake(),
    keys: () => rotateKeys(services),
    end: () => endExpiredGrants(services),
    hibernate: () => hibernateClients(services),
  }
  for (const [task, run] of Object.entries(tasks)) {
    try {
      await run()
    } catch (error) {
      services.logger.error({ task, cause: String(error) }, 'task failed; it will run again')
    }
  }
}
