/** The worker of the example as a process that may be killed at any moment: see jobs-killed.test.ts. */
import process from 'node:process'
import { work } from '../../examples/worker.ts'

const { GRANTLOG_URL = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env

await work({
  url: GRANTLOG_URL,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  atOnce: 1,
  leaseSeconds: 5,
  // The server's clock is faster than ours.
  heartbeatSeconds: Number(process.env.HEARTBEAT_SECONDS),
  handlers: {
    async book_restaurant(job, tell) {
      const mine = `attempt ${job.attempt}`
      const ms = Number(job.arguments.party_size)
      await tell.progress(mine, 10)
      await new Promise((done) => setTimeout(done, ms * 4))
      await tell.progress(mine, 90)
      if (ms % 10 === 0) throw new Error('No table')
      return mine
    },
  },
})
