/** A server with everything switched on, and people with something of everything. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { giveApiToken } from './api-tokens.ts'
import { approvalOfJob, decide } from './approvals.ts'
import { addAsker, answer, ask as askFrom } from './back-channel.ts'
import { connectApp } from './connected-apps.ts'
import { formsOn } from './form-crawl.ts'
import { jobCaller } from './job-caller.ts'
import { jobWorker } from './job-worker.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ask, notesScopes, sendTo } from './notes-gateway.ts'
import { connect } from './oauth-client.ts'
import { addClient, operate } from './operator-client.ts'
import { giveAgents } from './owned-agents.ts'
import { type RecordingUpstream, startRecordingUpstream, tool } from './recording-upstream.ts'
import { codeAt, enrol, sendCode, signInAt } from './second-factor.ts'
import { admin, startTestServer, type TestServer } from './server.ts'
import { SoftwarePasskey } from './software-passkey.ts'
import { startProvider, upstreamsAt } from './upstream-provider.ts'
import { visit } from './upstream-visit.ts'

/** Of everybody but the first administrator. */
export const password = 'a very long passphrase'

/** How adversaries call themselves. */
export const hostileName = `<script>alert(1)</script>"' \u202Eevil\u200B ${'W'.repeat(60)}`

export interface FurnishedServer {
  readonly server: TestServer
  readonly mail: MailServer
  stop(): Promise<void>
}

const jobs = { resource: '/api/mcp', name: 'Jobs', scopes: { book: 'Book', read: 'Read' } }

export async function startFurnishedServer(clock?: () => number): Promise<FurnishedServer> {
  const mail = await startMailServer()
  const provider = await startProvider()
  const elsewhere = await startRecordingUpstream()
  const settings = {
    ...upstreamsAt(provider),
    resources: [jobs, notesAt(elsewhere)],
    mail: { url: mail.url },
    signUp: 'open' as const,
    agents: { enabled: true },
    apiTokens: { enabled: true, acceptedOn: ['rest' as const] },
    approvals: { standingLimit: { EUR: '10' } },
    ciba: { enabled: true },
  }
  const server = await startTestServer(settings, clock ? { clock } : {})
  await toolThatChanged(server, elsewhere)
  await clientsAndPeople(server)
  return {
    server,
    mail,
    stop: async () => {
      await server.stop()
      await provider.stop()
      await elsewhere.stop()
      await mail.stop()
    },
  }
}

function notesAt({ url }: RecordingUpstream) {
  const tools = { 'read_*': 'notes:read', 'delete_*': 'notes:delete' }
  const upstream = { url, allowPrivate: true, definitionsSeconds: 0, tools }
  return { resource: '/mcp/notes', name: 'Notes', scopes: notesScopes, upstream }
}

/** A tool elsewhere that is not what it was, and so waits for an administrator. */
async function toolThatChanged(server: TestServer, elsewhere: RecordingUpstream): Promise<void> {
  const endpoint = `${server.url}/mcp/notes`
  const { tokens } = await connect(server, { resource: endpoint })
  const list = { token: tokens.access_token, body: ask('tools/list') }
  await sendTo(endpoint, list)
  elsewhere.tools = [tool('read_note', { description: 'Reads everything' })]
  await sendTo(endpoint, list)
}

/** What administrators find on their pages. */
async function clientsAndPeople(server: TestServer): Promise<void> {
  const { services } = server
  await addClient(services)
  await operate(
    services,
    (await addClient(services, { clientName: hostileName })).client_id,
    'disable',
  )
  for (const email of ['bob@example.com', 'gone@example.com']) {
    await registerUser(services, { email, password, name: hostileName, admin: false, actor: 'cli' })
  }
  const gone = await findUserByEmail(services, 'gone@example.com')
  const page = `/admin/do/disable-user?id=${gone?.userId}`
  const root = await signedIn(server, admin.email, admin.password)
  const [form] = formsOn(await (await root.open(page)).text(), page)
  await root.submit(form?.action ?? '', { ...form?.fields, reason: 'a test' })
}

async function signedIn(server: TestServer, email: string, secret = password): Promise<DemoPerson> {
  const person = server.person({ email, password: secret })
  await signInAt(person, '/sign-in', { email, password: secret })
  return person
}

/** A payment approved ahead and one that waits, and checks that only they can solve. */
async function somethingToDecide(server: TestServer, email: string): Promise<void> {
  const caller = await jobCaller(server, { email, password })
  const worker = await jobWorker(server)
  const what = { currency: 'EUR', payee: `Da Enzo ${hostileName}`, description: 'Four seats' }
  for (const amount of ['20', '30']) {
    const jobId = await caller.start()
    const payment = { ...what, amount }
    await worker.report(await worker.take(), { type: 'paused_payment', note: 'Pay', payment })
    if (amount === '20')
      await decide(server, await approvalOfJob(server, jobId), { standing: true })
  }
  for (const type of ['captcha', 'needs_login']) {
    await caller.start()
    const url = 'https://site.example/check'
    await worker.report(await worker.take(), { type, note: `Prove it ${hostileName}`, url })
  }
}

/** A client that asks them from elsewhere, and one that may not ask them any more. */
async function somebodyAsking(server: TestServer, email: string): Promise<void> {
  for (const isMuted of [true, false]) {
    const asker = await addAsker(server, { clientName: `Counter ${hostileName}` })
    await askFrom(server, asker, { login_hint: email, requested_expiry: '600' })
    if (isMuted) await answer(server.person({ email, password }), 'mute', { email, password })
  }
}

/**
 * Somebody who has connected an app, has tokens and two sessions, agents, and much to decide; an
 * administrator unless told.
 */
export async function furnishedPerson(
  { server }: Pick<FurnishedServer, 'server'>,
  email: string,
  { isAdmin = true } = {},
): Promise<DemoPerson> {
  await registerUser(server.services, {
    email,
    password,
    name: 'Ada',
    admin: isAdmin,
    actor: 'cli',
  })
  const { userId = '' } = (await findUserByEmail(server.services, email)) ?? {}
  await connectApp(server, { scope: 'book read' }, await signedIn(server, email))
  await somethingToDecide(server, email)
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
  await giveApiToken(server, { userId, scopes: ['read'] })
  await fetch(`${server.url}/api/tokens/leaked`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ token }]),
  })
  await giveAgents(server, email)
  await somebodyAsking(server, email)
  return signedIn(server, email)
}

/** From now on with an account elsewhere, an app that shows codes and a passkey. */
export async function giveFactors(
  server: TestServer,
  { email, person, at }: { email: string; person: DemoPerson; at: number },
): Promise<{ signInAgain(at: number): Promise<DemoPerson> }> {
  await visit(person, { from: '/account' })
  const { key } = await enrol(person, at)
  return {
    signInAgain: async (later) => {
      const again = server.person({ email, password })
      const half = await signInAt(again, '/sign-in', { email, password })
      await sendCode(again, half.headers.get('location') ?? '', codeAt(key, later))
      const { userId = '' } = (await findUserByEmail(server.services, email)) ?? {}
      await new SoftwarePasskey(userId).addTo(server)
      return again
    },
  }
}
