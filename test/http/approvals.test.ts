/** Deciding what is paid and done, over HTTP: who may, by what, how lately proved, and what else is refused. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { approvalOfJob, decide } from '../support/approvals.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { eventsOf, post } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }

let server: TestServer
let caller: JobCaller
let worker: JobWorker
let ahead = 0

beforeAll(async () => {
  const clock = () => Date.now() + ahead
  const accessTokenTtlSeconds = 30 * 24 * 3600
  const approvals = { standingLimit: { EUR: '200' } }
  server = await startTestServer({ accessTokenTtlSeconds, approvals }, { clock })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'test' })
  caller = await jobCaller(server)
  worker = await jobWorker(server)
})

afterAll(() => server.stop())

const right = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }
const pay = (other = {}) => ({
  type: 'paused_payment',
  note: 'Pay first',
  payment: { ...right, ...other },
})

type Person = ReturnType<TestServer['person']>

async function signedIn(credentials = admin): Promise<Person> {
  const person = server.person(credentials)
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...credentials })
  return person
}

async function asked(by = caller) {
  const jobId = await by.start()
  const held = await worker.take()
  await worker.report(held, pay())
  const { approvalId, userId, approval } = await approvalOfJob(server, jobId)
  return { jobId, held, approvalId, userId, approval, page: `/approvals/${approvalId}` }
}

/** The form as the page has it; none where nothing can be decided. */
async function formOf(person: Person, page: string): Promise<Record<string, string>> {
  const html = await (await person.open(page)).text()
  return hiddenFields(html.split('<form').find((part) => part.includes('name="decision"')) ?? '')
}

async function stateOf(approvalId: string): Promise<string> {
  const [approval] = await server.services.log.load([`approval/${approvalId}`])
  return (approval?.state as { status?: string } | null)?.status ?? 'unknown'
}

async function statusOf(jobId: string): Promise<string> {
  const [job] = await server.services.log.load([`job/${jobId}`])
  return (job?.state as { status?: string } | null)?.status ?? 'unknown'
}

describe('the page', () => {
  test('shows what is asked, and the answer carries it out', async () => {
    const { page, approvalId, jobId, held } = await asked()
    const person = await signedIn()
    const html = await (await person.open(page)).text()
    for (const text of ['84.50', 'EUR', 'Da Enzo', 'Four seats', 'Pay first']) {
      expect(html).toContain(text)
    }
    const fields = { ...(await formOf(person, page)), decision: 'approve' }
    const done = await person.submit(page, fields)
    expect([done.status, done.headers.get('location')]).toEqual([303, '/approvals?done=approved'])
    expect(await stateOf(approvalId)).toBe('given')
    const [given] = (await eventsOf(server, 'ApprovalGiven')).slice(-1)
    expect(given?.payload).toMatchObject({ channel: 'web', amr: ['pwd'] })
    expect(given?.payload.sessionId).toStartWith('ses_')
    expect(await statusOf(jobId)).toBe('running')
    await worker.report(held, { type: 'done', result: {} })
    expect(await (await person.open('/approvals?done=approved')).text()).toContain(
      'You approved it',
    )
  })

  test('takes a denial with its reason, which the page then shows', async () => {
    const { page, jobId } = await asked()
    const person = await signedIn()
    const fields = { ...(await formOf(person, page)), decision: 'deny', reason: 'Too <dear>' }
    await person.submit(page, fields)
    expect(await statusOf(jobId)).toBe('cancelled')
    expect(await (await person.open(page)).text()).toContain('Too &lt;dear>')
  })

  test('approves ahead only where the tick was set', async () => {
    const { page, held } = await asked()
    const person = await signedIn()
    const fields = await formOf(person, page)
    await person.submit(page, { ...fields, decision: 'approve', standing: 'yes' })
    await worker.report(held, { type: 'done', result: {} })
    const html = await (await person.open('/approvals')).text()
    expect(html).toContain('0 EUR of 200 EUR used')
    const [, end = ''] = /action="(\/approvals\/standing\/[^"]+)"/.exec(html) ?? []
    const [form] = html.split('<form').filter((part) => part.includes(end))
    await person.submit(end, hiddenFields(form ?? ''))
    expect(await (await person.open('/approvals')).text()).not.toContain('0 EUR of 200 EUR used')
  })

  test('without a session leads to the sign-in, and from there back', async () => {
    const { page, approvalId, userId } = await asked()
    const response = await server.person().open(page)
    expect(response.headers.get('location')).toBe(`/sign-in?next=${page}`)
    await decide(server, { approvalId, userId }, { choice: 'deny' })
  })

  test('tells how many wait, wherever the person is', async () => {
    const { approvalId, userId } = await asked()
    const person = await signedIn()
    expect(await (await person.open('/account')).text()).toContain('Approvals (1)')
    await decide(server, { approvalId, userId }, { choice: 'deny' })
    expect(await (await person.open('/account')).text()).not.toContain('Approvals (')
  })
})

describe('SECURITY 39: nothing is decided', () => {
  interface Try {
    readonly person: Person
    readonly about: Awaited<ReturnType<typeof asked>>
    readonly fields: Record<string, string>
  }
  const send = ({ person, about, fields }: Try, other: Record<string, string> = {}) =>
    person.submit(about.page, { ...fields, decision: 'approve', ...other })
  const api = async (about: Try['about'], token: string) =>
    fetch(`${server.url}/api/approvals/${about.approvalId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ decision: 'approve', shown: about.approval.shownHash }),
    })

  const refused: Readonly<Record<string, readonly [number, (sent: Try) => Promise<Response>]>> = {
    'by a bearer token': [403, async ({ about }) => api(about, caller.accessToken)],
    'by an API token': [403, async ({ about }) => api(about, await apiToken())],
    'by no token at all': [
      401,
      async ({ about }) =>
        fetch(`${server.url}/api/approvals/${about.approvalId}`, { method: 'POST' }),
    ],
    'by a session on the API': [
      401,
      async ({ about, person }) =>
        fetch(`${server.url}/api/approvals/${about.approvalId}`, {
          method: 'POST',
          headers: { cookie: person.cookie },
        }),
    ],
    'by a token beside the session': [
      403,
      async ({ about, person, fields }) =>
        fetch(server.url + about.page, {
          method: 'POST',
          headers: { cookie: person.cookie, authorization: `Bearer ${caller.accessToken}` },
          body: new URLSearchParams({ ...fields, decision: 'approve' }),
        }),
    ],
    'by another person': [
      404,
      async ({ about, fields }) =>
        (await signedIn(bob)).submit(about.page, { ...fields, decision: 'approve' }),
    ],
    'without the form of this page': [400, (sent) => send(sent, { csrf: 'forged' })],
    'with the form of another question': [
      400,
      async (sent) => {
        const other = await asked()
        const response = await send(sent, await formOf(sent.person, other.page))
        await decide(server, other, { choice: 'deny' })
        return response
      },
    ],
    'for what was shown otherwise': [409, (sent) => send(sent, { shown: 'x'.repeat(43) })],
    'by an answer that is none': [400, (sent) => send(sent, { decision: 'maybe' })],
    'by a page of another site': [
      400,
      async ({ about, person, fields }) =>
        fetch(server.url + about.page, {
          method: 'POST',
          headers: { cookie: person.cookie, 'sec-fetch-site': 'cross-site' },
          body: new URLSearchParams({ ...fields, decision: 'approve' }),
        }),
    ],
    'by a sign-in of three minutes ago': [
      303,
      (sent) => {
        ahead += 180_000
        return send(sent)
      },
    ],
  }

  for (const [how, [status, attempt]] of Object.entries(refused)) {
    test(how, async () => {
      const about = await asked()
      const person = await signedIn()
      const fields = await formOf(person, about.page)
      const response = await attempt({ person, about, fields })
      expect(response.status).toBe(status)
      expect(await stateOf(about.approvalId)).toBe('open')
      expect(await statusOf(about.jobId)).toBe('paused_payment')
      await decide(server, about, { choice: 'deny' })
    })
  }

  const late: Readonly<Record<string, readonly [string, (sent: Try) => Promise<unknown>]>> = {
    'that was decided elsewhere': [
      'was decided already',
      ({ about }) => decide(server, about, { choice: 'deny' }),
    ],
    'that its worker has changed': [
      'is not asked any more',
      ({ about }) => worker.report(about.held, pay({ amount: '99.00' })),
    ],
    'whose job was cancelled': [
      'is not asked any more',
      ({ about }) =>
        fetch(`${server.url}/api/jobs/${about.jobId}/cancel`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${caller.accessToken}`,
            'content-type': 'application/json',
          },
          body: '{}',
        }),
    ],
  }
  for (const [how, [words, meanwhile]] of Object.entries(late)) {
    test(`about something ${how}`, async () => {
      const about = await asked()
      const person = await signedIn()
      const fields = await formOf(person, about.page)
      await meanwhile({ person, about, fields })
      const before = await statusOf(about.jobId)
      const response = await send({ person, about, fields })
      expect(response.status).toBe(409)
      expect(await response.text()).toContain(words)
      expect(await stateOf(about.approvalId)).not.toBe('given')
      expect(await statusOf(about.jobId)).toBe(before)
      if (before === 'paused_payment') {
        await decide(server, await approvalOfJob(server, about.jobId), { choice: 'deny' })
      }
    })
  }

  test('about something whose consent was revoked', async () => {
    const other = await jobCaller(server)
    const about = await asked(other)
    const person = await signedIn()
    const fields = await formOf(person, about.page)
    const form = { token: other.refreshToken, client_id: other.clientId }
    await post(server, '/oauth/revoke', { form })
    const response = await send({ person, about, fields })
    expect(await response.text()).toContain('is not asked any more')
    expect(await stateOf(about.approvalId)).toBe('voided')
  })

  test('about something whose time is over', async () => {
    const about = await asked()
    ahead += 24 * 3_600_000 + 1000
    const person = await signedIn()
    expect(await formOf(person, about.page)).toEqual({})
    expect(await (await person.open(about.page)).text()).toContain('Nobody decided in time')
  })

  test('twice by the same form', async () => {
    const about = await asked()
    const person = await signedIn()
    const fields = await formOf(person, about.page)
    const [first, second] = [
      await send({ person, about, fields }),
      await send({ person, about, fields }, { decision: 'deny' }),
    ]
    expect([first.status, second.status]).toEqual([303, 409])
    expect(await stateOf(about.approvalId)).toBe('given')
    await worker.report(about.held, { type: 'done', result: {} })
  })
})

async function apiToken(): Promise<string> {
  const userId = String((await caller.token()).userId)
  return (await giveApiToken(server, { userId, scopes: ['read', 'book'] })).token
}

describe('the API', () => {
  const get = async (path: string, token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(server.url + path, { headers })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test('tells a client how its own questions stand, and nobody else’s', async () => {
    const about = await asked()
    const other = await jobCaller(server)
    const own = await get(`/api/approvals/${about.approvalId}`, caller.accessToken)
    expect(own.body).toMatchObject({
      id: about.approvalId,
      status: 'open',
      kind: 'payment',
      job_id: about.jobId,
      url: `${server.url}/approvals/${about.approvalId}`,
    })
    expect(JSON.stringify(own.body)).not.toContain('Da Enzo')
    expect((await get(`/api/approvals/${about.approvalId}`, other.accessToken)).status).toBe(404)
    expect((await get('/api/approvals', other.accessToken)).body).toEqual({ approvals: [] })
    const all = await get('/api/approvals?status=open', await apiToken())
    expect(all.body.approvals).toHaveLength(1)
    await decide(server, about)
    const given = await get(`/api/approvals/${about.approvalId}`, caller.accessToken)
    expect(given.body).toMatchObject({ status: 'given' })
    await worker.report(about.held, { type: 'done', result: {} })
  })
})

describe('a job that needs its person at another site', () => {
  const captcha = { type: 'captcha', note: 'Prove it', url: 'https://site.example/check' }
  async function waiting() {
    const jobId = await caller.start()
    const held = await worker.take()
    await worker.report(held, captcha)
    return { jobId, held, page: `/approvals/jobs/${jobId}` }
  }

  test('shows the way there, and goes on with the answer', async () => {
    const { jobId, held, page } = await waiting()
    const person = await signedIn()
    expect(await (await person.open('/approvals')).text()).toContain(page)
    const html = await (await person.open(page)).text()
    expect(html).toContain('href="https://site.example/check"')
    expect(html).toContain('noreferrer')
    const fields = { ...(await formOf(person, page)), decision: 'resume', answer: 'bridges' }
    const done = await person.submit(page, fields)
    expect(done.headers.get('location')).toBe('/approvals?done=resumed')
    const [resumed] = (await eventsOf(server, 'JobResumed')).slice(-1)
    expect(resumed?.payload.answer).toBe('bridges')
    expect(await statusOf(jobId)).toBe('running')
    await worker.report(held, { type: 'done', result: {} })
  })

  test('can be cancelled there', async () => {
    const { jobId, page } = await waiting()
    const person = await signedIn()
    await person.submit(page, { ...(await formOf(person, page)), decision: 'cancel' })
    expect(await statusOf(jobId)).toBe('cancelled')
  })

  test('is nobody else’s, and takes no form but its own', async () => {
    const { jobId, page } = await waiting()
    const [person, other] = [await signedIn(), await signedIn(bob)]
    const fields = { ...(await formOf(person, page)), decision: 'resume' }
    expect((await other.open(page)).status).toBe(404)
    expect((await other.submit(page, fields)).status).toBe(404)
    expect((await person.submit(page, { ...fields, csrf: 'x' })).status).toBe(400)
    expect((await person.submit(page, { ...fields, shown: 'x' })).status).toBe(409)
    expect(await statusOf(jobId)).toBe('captcha')
  })
})
