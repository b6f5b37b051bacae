/**
 * A Grantlog server of its own for the benchmark: a process as `npm start` runs it, on a file or on
 * a libSQL server, with the settings of production. What is not a default stands in `configFor`.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../src/cli/free-port.ts'
import { loadSettings } from '../../../src/config/load-settings.ts'
import { openKeyring } from '../../../src/config/secret.ts'
import { bunRuntime } from '../../../src/runtimes/bun.ts'
import { createLogger } from '../../../src/runtimes/logger.ts'
import { type OpenServices, openServices } from '../../../src/server.ts'
import { type Child, dataDirectory, startChild } from './child.ts'

export const person = { email: 'ada@example.com', password: 'correct horse battery staple' }
export const secret = 'a secret for the benchmark, not for anything else'

export const program = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

export interface Site {
  readonly url: string
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  /** Deletes the folder. */
  remove(): void
}

/** A folder, a port and the settings of a server that is not started yet. */
export async function newSite(
  options: { directory?: string; databaseUrl?: string } = {},
): Promise<Site> {
  const { directory = dataDirectory() } = options
  const { databaseUrl = `file:${join(directory, 'grantlog.db')}` } = options
  const port = await freePort()
  const config = join(directory, 'grantlog.toml')
  writeFileSync(config, configFor)
  const env = {
    PORT: String(port),
    GRANTLOG_CONFIG: config,
    GRANTLOG_DATA_DIR: directory,
    GRANTLOG_DATABASE_URL: databaseUrl,
    GRANTLOG_SECRET: secret,
    GRANTLOG_ADMIN_EMAIL: person.email,
    GRANTLOG_ADMIN_PASSWORD: person.password,
  }
  const remove = () => rmSync(directory, { recursive: true, force: true })
  return { url: `http://localhost:${port}`, directory, env, remove }
}

export const jwtPath = '/jwt'

/**
 * The load generator stands in for the reverse proxy: it names an address for each registration, so
 * that the limit on registrations counts as it would, and is not raised.
 */
const configFor = `trusted_proxies = ["127.0.0.1"]

[[resources]]
resource = "/api/mcp"
name = "Jobs"
[resources.scopes]
book = "Start jobs for you, such as bookings"
read = "See the jobs that were started for you"

[[resources]]
resource = "${jwtPath}"
name = "Resource that checks tokens offline"
access_token_format = "jwt"
access_token_ttl_seconds = 3600
[resources.scopes]
read = "See the jobs that were started for you"

[[verify]]
path = "/"
resource = "/api/mcp"
scopes = ["read"]
`

/** The services of a site whose server does not run, for filling its database. */
export async function openSite({
  env,
  directory,
}: Pick<Site, 'env' | 'directory'>): Promise<OpenServices> {
  const readFile = (path: string) => (path === env.GRANTLOG_CONFIG ? readConfig() : undefined)
  const settings = loadSettings({ env, cwd: directory, readFile })
  const logger = createLogger({ level: 'error', pretty: false, write: (line) => console.log(line) })
  return openServices({ settings, keyring: openKeyring(settings), runtime: bunRuntime, logger })
}

function readConfig(): string {
  return configFor
}

export function startSite(
  { env, directory }: Site,
  command: readonly string[] = [process.execPath, program, 'serve'],
): Promise<Child> {
  return startChild({ command, env, directory, ready: /"url":"([^"]+)"[^\n]*"Listening"/ })
}
