/** The suite of every store, on a real libSQL server. */
import { openRemoteDatabase } from '../../src/store/remote-database.ts'
import { libsqlServerAvailable, startLibsqlServer } from '../support/libsql-server.ts'
import { describeStore } from './store-suite.ts'

if (libsqlServerAvailable) {
  describeStore('a libSQL server', async () => {
    const server = await startLibsqlServer()
    return {
      url: server.url,
      connect: () => openRemoteDatabase({ url: server.url }),
      remove: () => server.stop(),
    }
  })
}
