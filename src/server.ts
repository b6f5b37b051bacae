/** The composition root: puts the parts together, and is the only file that knows them all. */
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { Elysia } from 'elysia'
import type { TelegramBot } from './bot/telegram-bot.ts'
import type { Settings } from './config/settings.ts'
import { deciders, eventTypes } from './domain/catalog.ts'
import type { Keyring } from './domain/keyring.ts'
import type { Logger } from './domain/logger.ts'
import { account } from './http/account.ts'
import { accountSecurity } from './http/account-security.ts'
import { accountSteps } from './http/account-steps.ts'
import { admin } from './http/admin.ts'
import { agents } from './http/agents.ts'
import { apiTokens } from './http/api-tokens.ts'
import { approvals } from './http/approvals.ts'
import { linkRequests } from './http/ask-for-link.ts'
import { audit } from './http/audit.ts'
import { authorize } from './http/authorize.ts'
import { botWebhook, type UpdateReceiver } from './http/bot-webhook.ts'
import { clientLogos } from './http/client-logos.ts'
import { connectedApps } from './http/connected-apps.ts'
import { consent } from './http/consent.ts'
import { developerKeys } from './http/developer-keys.ts'
import { device } from './http/device.ts'
import { deviceAuthorization } from './http/device-authorization.ts'
import { docs } from './http/docs.ts'
import { errors } from './http/errors.ts'
import { front } from './http/front.ts'
import { gateway } from './http/gateway.ts'
import { health } from './http/health.ts'
import { malformedHost } from './http/host-guard.ts'
import { identities } from './http/identities.ts'
import { interactions } from './http/interactions.ts'
import { jobs } from './http/jobs.ts'
import { jobsWork } from './http/jobs-work.ts'
import { logout } from './http/logout.ts'
import { metadata } from './http/metadata.ts'
import { allowedMethods } from './http/methods.ts'
import { oauth } from './http/oauth.ts'
import { mailLinks } from './http/open-link.ts'
import { type Application, pipeline } from './http/pipeline.ts'
import { RequestLimiter, rateLimit } from './http/rate-limit.ts'
import { relayGuard } from './http/relayed.ts'
import { secondStep } from './http/second-step.ts'
import { signIn } from './http/sign-in.ts'
import { telegram } from './http/telegram.ts'
import { transportSecurity } from './http/transport-security.ts'
import { upstream } from './http/upstream.ts'
import { userinfo } from './http/userinfo.ts'
import { verify } from './http/verify.ts'
import { whoami } from './http/whoami.ts'
import { ensureAdmin } from './identity/setup-link.ts'
import { stopWaiting } from './jobs/job-signals.ts'
import { Postman } from './mail/postman.ts'
import { mailTransport } from './mail/transport.ts'
import { mcp } from './mcp/endpoint.ts'
import { projections } from './projections/catalog.ts'
import { GuardedFetch } from './protocol/outbound/guarded-fetch.ts'
import { peerMemory } from './protocol/request-context.ts'
import type { Services } from './protocol/services.ts'
import { LogSigner } from './protocol/tokens/signing-keys.ts'
import { ensurePairwiseSalt } from './protocol/tokens/subject.ts'
import type { Listener, Runtime } from './runtimes/runtime.ts'
import { openStore, type Store } from './store/open.ts'
import { startTasks } from './tasks/schedule.ts'

export interface ServerParts {
  readonly settings: Settings
  readonly keyring: Keyring
  readonly runtime: Runtime
  readonly logger: Logger
  /** Milliseconds since 1970; the machine's clock unless a test brings its own. */
  readonly clock?: () => number
  /** Shows mail to whoever sits at the terminal, where no server is named that sends it. */
  readonly showMail?: ((text: string) => void) | undefined
  /** Where each setting was said, for the administrators. */
  readonly originOf?: (path: readonly string[]) => string | undefined
}

export interface OpenServices {
  readonly services: Services
  readonly store: Store
  close(): Promise<void>
}

/** The services without a server: for commands that work on the database themselves. */
export async function openServices(parts: ServerParts): Promise<OpenServices> {
  const { settings, keyring, runtime, logger, clock: now = Date.now } = parts
  const { databaseUrl: url, databaseAuthToken: authToken } = settings
  const store = await openStore({
    url,
    ...(authToken === undefined ? {} : { authToken }),
    keyring,
    eventTypes,
    projections,
    deciders,
    clock: now,
  })
  const { log, reader, expiring, secrets, observations, uses } = store
  const kept = { log, reader, expiring, secrets, observations, uses }
  const signer = new LogSigner({ log, reader, secrets, now })
  const { passwords } = runtime
  const outbound = new GuardedFetch({ settings, expiring, ...authoritiesOf(settings) })
  const transport = mailTransport(settings, { logger, show: parts.showMail })
  const mail = new Postman({ settings, keyring, expiring, logger, now, transport })
  const origins = parts.originOf ? { originOf: parts.originOf } : {}
  const made = { signer, outbound, passwords, mail, ...origins }
  const services = { settings, keyring, ...kept, ...made, logger, now }
  const close = async () => {
    await mail.idle()
    await store.close()
  }
  return { services, store, close }
}

/** The runtime's own authorities are believed too, which a list in their place would end. */
function authoritiesOf({ outbound }: Settings): { authorities?: string[] } {
  if (outbound.caFile === undefined) return {}
  return { authorities: [...tls.rootCertificates, readFileSync(outbound.caFile, 'utf8')] }
}

/** The application as a function from request to response. */
export function application(
  services: Services,
  store: Pick<Store, 'health'>,
  bot?: UpdateReceiver,
): Application {
  const routes = () => app.routes.map(({ method, path }) => ({ method, path }))
  const limiter = new RequestLimiter(services)
  const app: Elysia = new Elysia({ name: 'grantlog' })
  app
    .use(errors(services, allowedMethods(routes)))
    .use(rateLimit(limiter))
    .use(health(services, () => store.health()))
    .use(metadata(services))
    .use(oauth(services, limiter))
    .use(userinfo(services))
    .use(authorize(services))
    .use(signIn(services))
    .use(linkRequests(services))
    .use(mailLinks(services))
    .use(accountSteps(services))
    .use(upstream(services))
    .use(telegram(services))
    .use(secondStep(services))
    .use(logout(services))
    .use(consent(services))
    .use(interactions(services))
    .use(device(services))
    .use(deviceAuthorization(services, limiter))
    .use(clientLogos(services))
    .use(connectedApps(services))
    .use(approvals(services))
    .use(account(services))
    .use(developerKeys(services))
    .use(identities(services))
    .use(admin(services))
    .use(accountSecurity(services))
    .use(docs(services))
    .use(audit(services))
    .use(verify(services))
    .use(apiTokens(services))
    .use(whoami(services))
    .use(agents(services, limiter))
    .use(jobs(services))
    .use(jobsWork(services))
    .use(mcp(services))
    .use(gateway(services))
    .use(botWebhook(services, bot))
  return pipeline(services, app, limiter)
}

export interface RunningServer {
  readonly url: string
  readonly services: Services
  readonly store: Store
  /** Present when there is no administrator yet; a secret, for the terminal alone. */
  readonly setupLink?: string
  stop(): Promise<void>
}

export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { settings } = parts
  const { services, store, close } = await openServices(parts)
  try {
    const { setupLink } = await ensureAdmin(services)
    await ensurePairwiseSalt(services)
    await services.signer.ensure('ES256')
    await services.signer.ensure('EdDSA')
    const bot = await botOf(services)
    const app = application(services, store, bot)
    const rememberPeer = peerMemory(settings)
    const guarded = relayGuard(services)
    const listener = await listen(parts, async (received, peer) => {
      const admitted = await guarded(received, peer)
      if (admitted instanceof Response) return admitted
      const { request, address } = admitted
      rememberPeer(request, address)
      return app.fetch(request)
    })
    bot?.start()
    const tasks = startTasks(services)
    // An RSA key takes a moment to make; whoever asks for an ID token before it is there waits.
    const preparing = prepareIdTokens(services)
    const stop = async () => {
      stopWaiting(services.log)
      await listener.stop()
      await tasks.stop()
      await bot?.stop()
      await preparing
      await close()
    }
    const url = urlOf(parts, listener)
    return { url, services, store, stop, ...(setupLink === undefined ? {} : { setupLink }) }
  } catch (error) {
    await close()
    throw error
  }
}

/** The front of two hosts: neither database nor secret, and nothing that it does by itself. */
export async function startFront(parts: Omit<ServerParts, 'keyring'>) {
  const { settings, logger, clock: now = Date.now } = parts
  const answer = front({ settings, logger, now })
  const rememberPeer = peerMemory(settings)
  const listener = await listen(parts, (request, peer) => {
    rememberPeer(request, peer)
    return answer(request)
  })
  return { url: urlOf(parts, listener), stop: () => listener.stop() }
}

type Answering = (request: Request, peer: string) => Response | Promise<Response>

function listen(
  { settings, runtime }: Pick<ServerParts, 'settings' | 'runtime'>,
  answer: Answering,
): Promise<Listener> {
  const secured = transportSecurity(settings)
  const issuerPath = new URL(settings.issuer).pathname.replace(/\/$/, '')
  const [issuerPaths, prefixes] = [[issuerPath], settings.pathPrefixes].map((paths) =>
    paths.filter((path) => path !== ''),
  ) as [string[], string[]]
  return runtime.serve({
    hostname: settings.host,
    port: settings.port,
    bodyBytesMax: largestBody(settings),
    fetch: (received, { remoteAddress }) => {
      if (!URL.canParse(received.url)) return malformedHost()
      const request = below(prefixes, below(issuerPaths, received))
      return secured(answer(request, remoteAddress))
    },
  })
}

function urlOf({ settings }: Pick<ServerParts, 'settings'>, { port }: Listener): string {
  return `http://${hostInUrl(settings.host)}:${port}`
}

/** Each endpoint holds to its own limit; the listener lets through what any of them takes. */
function largestBody({ limits, resources }: Settings): number {
  const others = resources.map(({ upstream }) => upstream?.bodyBytesMax ?? 0)
  return Math.max(limits.bodyBytesMax, ...others)
}

/** Few servers have one, and its library is loaded by those alone. */
async function botOf(services: Services): Promise<TelegramBot | undefined> {
  const { token } = services.settings.bot
  if (token === undefined) return undefined
  const { TelegramBot } = await import('./bot/telegram-bot.ts')
  return new TelegramBot(services, { token })
}

/**
 * An issuer may have a path, and an operator may want further ones before every path: what is asked
 * below one of them is asked at the root.
 */
function below(prefixes: readonly string[], request: Request): Request {
  if (prefixes.length === 0) return request
  const url = new URL(request.url)
  const found = prefixes.find((prefix) => url.pathname.startsWith(`${prefix}/`))
  if (found === undefined) return request
  url.pathname = url.pathname.slice(found.length)
  return new Request(url, request)
}

async function prepareIdTokens({ signer, logger }: Services): Promise<void> {
  try {
    await signer.ensure('RS256')
  } catch (error) {
    logger.warn({ cause: String(error) }, 'no key for ID tokens yet; it is made when first needed')
  }
}

/** Where a person on this machine finds a server that listens on this address. */
function hostInUrl(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
