/**
 * Requests that this server makes because somebody named a URL: what they may reach, and what
 * they end of. A real server stands on loopback, and whoever is refused must not have reached it.
 *
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { createServer } from 'node:http'
import { defaultSettings, type GivenSettings } from '../../../src/config/settings.ts'
import { GuardedFetch, type Resolve } from '../../../src/protocol/outbound/guarded-fetch.ts'
import { type DocumentServer, startDocumentServer } from '../../support/document-server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../../support/test.ts'

/** Among the public ones, and given to nobody. */
const somewherePublic = '2000::1'
/** Machines are shared: what answers at all has time for it. */
const patientMs = 60_000

let site: DocumentServer
beforeAll(async () => {
  site = await startDocumentServer(['localhost', 'site.example'])
  site.put('/page', { headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
})
afterAll(() => site.stop())
beforeEach(() => void site.asked.splice(0))

interface Outside {
  readonly outbound?: GivenSettings['outbound']
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

function guarded({ outbound = {}, ...parts }: Outside = {}): GuardedFetch {
  const counts = new Map<string, number>()
  const count = async (kind: string, id: string) => {
    const sum = (counts.get(`${kind} ${id}`) ?? 0) + 1
    counts.set(`${kind} ${id}`, sum)
    return sum
  }
  const settings = defaultSettings({ outbound })
  return new GuardedFetch({
    settings,
    expiring: { count },
    authorities: [site.authority],
    timeoutMs: patientMs,
    ...parts,
  })
}

/** One that may ask the site, under its two names. */
function trusting(parts: Outside = {}): GuardedFetch {
  const allowedHosts = [site.host, `site.example:${site.port}`]
  const resolve = async () => ['127.0.0.1']
  return guarded({ outbound: { allowedHosts }, resolve, ...parts })
}

function get(fetcher: GuardedFetch, url: string, bytesMax = 5120) {
  return fetcher.request({ url, bytesMax })
}

async function reasonOf(fetcher: GuardedFetch, url: string): Promise<string> {
  const answer = await get(fetcher, url)
  return answer.outcome === 'failed' ? answer.reason : answer.outcome
}

describe('SECURITY 23: no request goes to', () => {
  const urls: Record<string, readonly string[]> = {
    'another scheme than https': ['http://localhost/', 'ftp://a.example/', 'file:///etc/passwd'],
    'a URL that is none': ['', 'https://', 'https://a b/', 'nonsense'],
    'a port that is not 443': ['https://a.example:8443/', 'https://127.0.0.1:80/'],
    'a URL with credentials': ['https://me:pass@a.example/', 'https://me@a.example/'],
  }
  for (const [what, list] of Object.entries(urls)) {
    test(what, async () => {
      for (const url of list)
        expect([url, await reasonOf(guarded(), url)]).toEqual([url, 'url_refused'])
    })
  }

  const literals: Record<string, readonly string[]> = {
    loopback: ['127.0.0.1', '127.1', '[::1]'],
    'number forms of it': ['2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '017700000001'],
    'IPv6 forms of it': [
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
    ],
    'full-width and encoded digits of it': ['１２７.０.０.１', '%31%32%37.0.0.1'],
    'private, link-local and metadata': ['10.0.0.1', '192.168.0.1', '169.254.169.254', '[fe80::1]'],
  }
  for (const [what, hosts] of Object.entries(literals)) {
    test(`the address of ${what}`, async () => {
      for (const host of hosts) {
        expect([host, await reasonOf(guarded(), `https://${host}/`)]).toEqual([
          host,
          'address_refused',
        ])
      }
    })
  }

  test('a name of this machine', async () => {
    for (const name of ['localhost', 'LOCALHOST']) {
      expect(await reasonOf(guarded(), `https://${name}/`)).toBe('address_refused')
    }
  })

  test('a name one of whose addresses is private', async () => {
    const resolve = async () => [somewherePublic, '10.0.0.1']
    expect(await reasonOf(guarded({ resolve }), 'https://a.example/')).toBe('address_refused')
  })

  test('a name that is public when looked up, and private when looked up again', async () => {
    const answers = [[somewherePublic], ['127.0.0.1'], ['127.0.0.1']]
    let lookedUp = 0
    const resolve = async () => {
      lookedUp += 1
      return answers.shift() ?? []
    }
    const fetcher = guarded({ resolve, timeoutMs: 300 })
    const reason = await reasonOf(fetcher, 'https://rebinding.example/page')
    expect(['timed_out', 'unreachable']).toContain(reason)
    expect(lookedUp).toBe(1)
    expect(await reasonOf(fetcher, 'https://rebinding.example/page')).toBe('address_refused')
    expect(site.asked).toEqual([])
  })

  test('where a redirect leads', async () => {
    site.put('/redirect', { status: 302, headers: { location: `${site.url}/page` } })
    expect(await reasonOf(trusting(), `${site.url}/redirect`)).toBe('redirected')
    expect(site.asked).toEqual([`GET ${site.host}/redirect`])
  })
})

describe('a host that the operator allows', () => {
  test('may be private and on any port, and is asked by its name', async () => {
    const url = `https://site.example:${site.port}/page`
    expect(await get(trusting(), url)).toMatchObject({
      outcome: 'answered',
      status: 200,
      body: '{"a":1}',
    })
    expect(site.asked).toEqual([`GET site.example:${site.port}/page`])
  })

  test('is allowed with its port alone', async () => {
    expect(await reasonOf(trusting(), 'https://localhost/page')).toBe('address_refused')
    expect(await reasonOf(trusting(), `https://localhost:${site.port + 1}/`)).toBe('url_refused')
  })

  test('must have a certificate of its name, from an authority that is believed', async () => {
    const allowedHosts = [site.host, `other.example:${site.port}`]
    const resolve = async () => ['127.0.0.1']
    const named = guarded({ outbound: { allowedHosts }, resolve })
    expect(await reasonOf(named, `https://other.example:${site.port}/page`)).toBe('unreachable')
    const settings = defaultSettings({ outbound: { allowedHosts } })
    const expiring = { count: async () => 1 }
    const strict = new GuardedFetch({ settings, expiring, resolve, timeoutMs: patientMs })
    expect(await reasonOf(strict, `${site.url}/page`)).toBe('unreachable')
    expect(site.asked).toEqual([])
  })

  test('may be asked in clear on loopback, and nowhere else', async () => {
    const plain = createServer((_request, response) => response.end('plain'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as { port: number }
    const allowedHosts = [`127.0.0.1:${port}`, `inside.example:${port}`, '10.0.0.1:80']
    const fetcher = guarded({ outbound: { allowedHosts }, resolve: async () => ['10.0.0.1'] })
    expect(await reasonOf(fetcher, `http://127.0.0.1:${port}/`)).toBe('answered')
    expect(await reasonOf(fetcher, `http://inside.example:${port}/`)).toBe('address_refused')
    expect(await reasonOf(fetcher, 'http://10.0.0.1/')).toBe('address_refused')
    plain.closeAllConnections()
    await new Promise((resolve) => plain.close(resolve))
  })
})

describe('an answer', () => {
  test('of more bytes than wanted is cut off, announced or not', async () => {
    site.put('/announced', { body: 'x'.repeat(6000) })
    site.put('/unannounced', (_request, response) => {
      for (let part = 0; part < 100; part += 1) response.write('x'.repeat(1000))
      response.end()
    })
    expect(await reasonOf(trusting(), `${site.url}/announced`)).toBe('too_large')
    expect(await reasonOf(trusting(), `${site.url}/unannounced`)).toBe('too_large')
    site.put('/exactly', { body: 'x'.repeat(5120) })
    expect(await reasonOf(trusting(), `${site.url}/exactly`)).toBe('answered')
  })

  test('that does not come, or does not end, is waited for so long and no longer', async () => {
    site.put('/never', () => {})
    site.put('/unending', (_request, response) => void response.write('x'))
    const impatient = trusting({ timeoutMs: 200 })
    expect(await reasonOf(impatient, `${site.url}/never`)).toBe('timed_out')
    expect(await reasonOf(impatient, `${site.url}/unending`)).toBe('timed_out')
    const lost = guarded({ resolve: () => new Promise(() => {}), timeoutMs: 200 })
    expect(await reasonOf(lost, 'https://a.example/')).toBe('timed_out')
  })

  test('that breaks off is no answer', async () => {
    site.put('/broken', (request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => request.socket.destroy())
    })
    expect(await reasonOf(trusting(), `${site.url}/broken`)).toBe('unreachable')
  })

  test('is told with its status and headers', async () => {
    site.put('/gone', { status: 410, headers: { 'cache-control': 'max-age=9' }, body: 'gone' })
    const answer = await get(trusting(), `${site.url}/gone`)
    if (answer.outcome !== 'answered') throw new Error(answer.cause)
    expect([answer.status, answer.body]).toEqual([410, 'gone'])
    expect(answer.headers.get('cache-control')).toBe('max-age=9')
  })
})

test('a POST carries its body and headers', async () => {
  let heard = ''
  site.put('/hear', (request, response) => {
    request.on('data', (chunk) => (heard += chunk))
    request.on('end', () => response.end(`${request.headers['content-type']}`))
  })
  const headers = { 'content-type': 'application/json' }
  const asked = { url: `${site.url}/hear`, method: 'POST' as const, headers, body: '{"é":1}' }
  const answer = await trusting().request({ ...asked, bytesMax: 100 })
  expect(answer).toMatchObject({ status: 200, body: 'application/json' })
  expect(heard).toBe('{"é":1}')
})

test('many who want the same thing at once are one request', async () => {
  const fetcher = trusting()
  const all = await Promise.all(Array.from({ length: 20 }, () => get(fetcher, `${site.url}/page`)))
  expect(all.every(({ outcome }) => outcome === 'answered')).toBe(true)
  expect(site.asked).toHaveLength(1)
  await get(fetcher, `${site.url}/page`)
  expect(site.asked).toHaveLength(2)
})

test('an address that nobody answers at is followed by the next one', async () => {
  const resolve = async () => ['127.0.0.2', '127.0.0.1']
  expect(await reasonOf(trusting({ resolve }), `${site.url}/page`)).toBe('answered')
})

describe('in a minute', () => {
  test('one host is asked so often, and others still', async () => {
    const allowedHosts = [site.host, `site.example:${site.port}`]
    const outbound = { allowedHosts, requestsPerHostMax: 2 }
    const fetcher = trusting({ outbound })
    const ask = (host: string) => reasonOf(fetcher, `https://${host}:${site.port}/page`)
    expect([await ask('localhost'), await ask('localhost')]).toEqual(['answered', 'answered'])
    expect(await ask('localhost')).toBe('rate_limited')
    expect(await ask('site.example')).toBe('answered')
  })

  test('strangers do not use up what a client with a consent may have asked', async () => {
    const outbound = { allowedHosts: [site.host], requestsPerHostMax: 1, requestsMax: 1 }
    const fetcher = trusting({ outbound })
    const url = `${site.url}/page`
    expect(await reasonOf(fetcher, url)).toBe('answered')
    expect(await reasonOf(fetcher, url)).toBe('rate_limited')
    const known = await fetcher.request({ url, bytesMax: 5120, known: true })
    expect(known.outcome).toBe('answered')
    expect(await reasonOf(fetcher, url)).toBe('rate_limited')
  })

  test('what the operator named is not counted', async () => {
    const outbound = { allowedHosts: [site.host], requestsPerHostMax: 1, requestsMax: 1 }
    const fetcher = trusting({ outbound })
    const url = `${site.url}/page`
    for (let n = 0; n < 3; n += 1) {
      const named = await fetcher.request({ url, bytesMax: 5120, ofOperator: true })
      expect(named.outcome).toBe('answered')
    }
    expect(await reasonOf(fetcher, url)).toBe('answered')
    expect(await reasonOf(fetcher, url)).toBe('rate_limited')
  })

  test('all hosts are asked so often', async () => {
    const allowedHosts = [site.host, `site.example:${site.port}`]
    const fetcher = trusting({ outbound: { allowedHosts, requestsMax: 1 } })
    expect(await reasonOf(fetcher, `${site.url}/page`)).toBe('answered')
    const other = `https://site.example:${site.port}/page`
    expect(await reasonOf(fetcher, other)).toBe('rate_limited')
  })
})
