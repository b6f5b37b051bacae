/**
 * A Grantlog server of its own for the benchmark: a process as `npm start` runs it, on a file or on
 * a libSQL server, with the settings of production. What is not a default stands in `configFor`.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../src/cli/free-port.ts'
import { loadSettings } from '../../../src/config/load-settings.ts'
import { openKeyring } from '../../../src/config/secret.ts'
import type { Settings } from '../../../src/config/settings.ts'
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

/** A folder, a port and the settings of a server that is not started yet; each made where none is named. */
export async function newSite(
  options: { directory?: string; databaseUrl?: string; port?: number; ttlSeconds?: number } = {},
): Promise<Site> {
  const { directory = dataDirectory(), port = await freePort(), ttlSeconds } = options
  const { databaseUrl = `file:${join(directory, 'grantlog.db')}` } = options
  const config = join(directory, 'grantlog.toml')
  writeFileSync(config, (ttlSeconds === undefined ? '' : lifetimes(ttlSeconds)) + configFor)
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

/** For tokens of a database that is kept. */
function lifetimes(seconds: number): string {
  return `access_token_ttl_seconds = ${seconds}\nrefresh_token_ttl_seconds = ${seconds}\n`
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
  const settings = settingsOf({ env, directory })
  const logger = createLogger({ level: 'error', pretty: false, write: (line) => console.log(line) })
  return openServices({ settings, keyring: openKeyring(settings), runtime: bunRuntime, logger })
}

export function settingsOf({ env, directory }: Pick<Site, 'env' | 'directory'>): Settings {
  const readFile = (path: string) =>
    path === env.GRANTLOG_CONFIG ? readFileSync(path, 'utf8') : undefined
  return loadSettings({ env, cwd: directory, readFile })
}

export function startSite(
  { env, directory }: Site,
  command: readonly string[] = [process.execPath, program, 'serve'],
): Promise<Child> {
  return startChild({ command, env, directory, ready: /"url":"([^"]+)"[^\n]*"Listening"/ })
}
