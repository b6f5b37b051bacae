import {
  loadSettings,
  SettingsRefused,
  type SettingsSurroundings,
} from '../../src/config/load-settings.ts'
import { describe, expect, test } from '../support/test.ts'

function surroundings(
  env: SettingsSurroundings['env'],
  files: Readonly<Record<string, string>> = {},
): SettingsSurroundings {
  return { env, cwd: '/srv', readFile: (path) => files[path] }
}

const load = (env: SettingsSurroundings['env'], toml?: string) =>
  loadSettings(surroundings(env, toml === undefined ? {} : { '/srv/grantlog.toml': toml }))

function problems(env: SettingsSurroundings['env'], toml?: string): readonly string[] {
  try {
    load(env, toml)
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems
    throw error
  }
  return []
}

const twoResources = `
issuer = "https://auth.example.com"
access_token_ttl_seconds = 1200

[registration]
open = false

[[resources]]
resource = "https://api.example.com/mcp"
name = "Example MCP"
access_token_format = "opaque"
access_token_ttl_seconds = 600
refresh_token_ttl_seconds = 86400
default_scopes = ["mcp:read"]
[resources.scopes]
"mcp:read" = "Read your things"
mcp_writeAll = "Change your things"

[[resources]]
resource = "https://api.example.com/rest"
name = "REST"
access_token_format = "jwt"
[resources.scopes]
all = "Everything"
`

describe('without a word', () => {
  test('the server is a local one, whose own MCP endpoint is the one resource', () => {
    const settings = load({})
    expect(settings.issuer).toBe('http://localhost:8484')
    expect(settings.apiUrl).toBe('http://localhost:8484')
    expect(settings.databaseUrl).toBe('file:./data/grantlog.db')
    expect(settings.resources.map((r) => r.resource)).toEqual(['http://localhost:8484/api/mcp'])
    expect(settings.resources[0]?.defaultScopes).toEqual(['book', 'read'])
    expect(settings.secret).toBeUndefined()
  })
})

describe('the environment', () => {
  test('names a setting by its path, and wins over the file', () => {
    const settings = load(
      { GRANTLOG_REGISTRATION_OPEN: 'true', GRANTLOG_REFRESH_GRACE_SECONDS: '0' },
      twoResources,
    )
    expect(settings.registration.open).toBe(true)
    expect(settings.registration.provisionalSeconds).toBe(604_800)
    expect(settings.refreshGraceSeconds).toBe(0)
  })

  test('may say one half of a pair in a group, and the file the other', () => {
    const { rateLimits } = load(
      { GRANTLOG_RATE_LIMITS_REFRESH_REQUESTS: '60' },
      '[rate_limits.refresh]\nper_seconds = 1800\nrequests = 5',
    )
    expect(rateLimits.refresh).toEqual({ requests: 60, perSeconds: 1800 })
    expect(rateLimits.registration).toEqual({ requests: 600, perSeconds: 3600 })
  })

  test('says the port as PORT or as GRANTLOG_PORT, and the issuer follows', () => {
    expect(load({ PORT: '9000' }).issuer).toBe('http://localhost:9000')
    expect(load({ PORT: '9000', GRANTLOG_PORT: '9001' }).port).toBe(9001)
  })

  test('separates the items of a list by commas', () => {
    expect(load({ GRANTLOG_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toEqual([
      '10.0.0.0/8',
      '::1',
    ])
  })

  test('says nothing with an empty variable, nor with those that Kubernetes sets', () => {
    const settings = load({
      GRANTLOG_SECRET: '',
      GRANTLOG_PORT: 'tcp://10.0.0.1:8484',
      GRANTLOG_PORT_8484_TCP_ADDR: '10.0.0.1',
      GRANTLOG_SERVICE_HOST: '10.0.0.1',
    })
    expect(settings.port).toBe(8484)
    expect(settings.secret).toBeUndefined()
  })
})

describe('the file', () => {
  test('describes several resources; names of scopes stay as they are', () => {
    const { resources } = load({}, twoResources)
    expect(resources.map((r) => r.name)).toEqual(['Example MCP', 'REST'])
    expect(Object.keys(resources[0]?.scopes ?? {})).toEqual(['mcp:read', 'mcp_writeAll'])
  })

  test('names the issuers that are trusted, each with its keys one way or the other', () => {
    const issuer = '[[trusted_issuers]]\nissuer = "https://idp.example"\nkinds = ["id_jag"]\n'
    const people = '[[trusted_issuers.people]]\nsubject = "U1"\nemail = "ada@example.com"\n'
    const uri = 'jwks_uri = "https://idp.example/jwks"\n'
    expect(load({}, issuer + uri + people).trustedIssuers[0]).toEqual({
      issuer: 'https://idp.example',
      kinds: ['id_jag'],
      jwksUri: 'https://idp.example/jwks',
      people: [{ subject: 'U1', email: 'ada@example.com' }],
      workloads: [],
      emailDomains: [],
    })
    for (const wrong of ['', `${uri}jwks = "{}"\n`, 'jwks = "{}"\n', 'jwks = "no"\n']) {
      expect(() => load({}, issuer + wrong)).toThrow('trusted_issuers[0]')
    }
  })

  test('may leave lifetimes to the whole server; a JWT, which nobody can call back, ends sooner', () => {
    const { resources } = load({}, twoResources)
    expect(resources.map((r) => r.accessTokenTtlSeconds)).toEqual([600, 300])
    expect(resources.map((r) => r.refreshTokenTtlSeconds)).toEqual([86_400, 2_592_000])
  })

  test('stands where GRANTLOG_CONFIG says, and must be there then', () => {
    const settings = loadSettings(
      surroundings({ GRANTLOG_CONFIG: '/etc/g.toml' }, { '/etc/g.toml': 'brand = "Elsewhere"' }),
    )
    expect(settings.brand).toBe('Elsewhere')
    expect(problems({ GRANTLOG_CONFIG: 'gone.toml' })).toEqual([
      'GRANTLOG_CONFIG: Cannot read "gone.toml": there is no such file',
    ])
  })
})

describe('what is wrong', () => {
  test('is said all at once, each in the words of its place', () => {
    expect(
      problems(
        { PORT: 'http', GRANTLOG_ISSUER: 'http://example.com', GRANTLOG_REFRESH_GRACE_SECOND: '1' },
        '[[resources]]\nresource = "api"\nname = "A"\nscopes = { "a b" = "x" }',
      ),
    ).toEqual([
      'GRANTLOG_REFRESH_GRACE_SECOND: no such setting; did you mean GRANTLOG_REFRESH_GRACE_SECONDS?',
      'PORT: must be a whole number from 0 to 65535, and is "http"',
      'GRANTLOG_ISSUER: must be an https URL without query, fragment or trailing slash ' +
        '(http only on a loopback host), and is "http://example.com"',
      'grantlog.toml: resources[0].resource: must be an absolute URI without a fragment, and is "api"',
      'grantlog.toml: resources[0].scopes."a b": is not a scope name: it has a space, a quote or a backslash',
    ])
  })

  test('names what was probably meant', () => {
    expect(problems({}, '[registration]\nopn = true')).toEqual([
      'grantlog.toml: registration.opn: no such setting; did you mean open?',
    ])
    expect(problems({ GRANTLOG_COLOUR: 'red' })).toEqual(['GRANTLOG_COLOUR: no such setting'])
  })

  test('of an upstream says what it lacks, and shows no secret', () => {
    const upstream = '[[upstreams]]\nid = "hub"\nname = "Hub"\nclient_id = "us"\n'
    expect(problems({}, `${upstream}kind = "github"\n${upstream}kind = "telegram_widget"`)).toEqual(
      [
        'grantlog.toml: upstreams[0]: client_secret is missing; github needs it',
        'grantlog.toml: upstreams[1].id: is there twice',
        'grantlog.toml: upstreams[1]: client_secret is missing; telegram_widget needs it',
      ],
    )
    expect(problems({}, upstream).join()).toContain('grantlog.toml: upstreams[0].issuer')
    const plain = `${upstream}issuer = "http://idp.example"\nclient_secret = 7`
    expect(problems({}, plain).length).toBe(2)
  })

  test('includes values that are right alone and wrong together', () => {
    const resource = '[[resources]]\nresource = "https://a.example"\nname = "A"\n'
    const scopes = '[resources.scopes]\nread = "Read"\n'
    expect(
      problems({}, `${resource}default_scopes = ["write"]\n${scopes}${resource}${scopes}`),
    ).toEqual([
      'grantlog.toml: resources[0].default_scopes: "write" is none of its scopes',
      'grantlog.toml: resources[1].resource: is there twice',
    ])
    expect(problems({ GRANTLOG_ADMIN_EMAIL: 'ada@example.com' })).toEqual([
      'GRANTLOG_ADMIN_EMAIL: needs GRANTLOG_ADMIN_PASSWORD beside it',
    ])
    const header = { GRANTLOG_MTLS_CERTIFICATE_HEADER: 'client-cert' }
    expect(problems(header)).toEqual([
      'GRANTLOG_MTLS_CERTIFICATE_HEADER: is believed from trusted_proxies alone; name them',
    ])
    expect(problems({ ...header, GRANTLOG_TRUSTED_PROXIES: '10.0.0.1' })).toEqual([])
    expect(problems({ GRANTLOG_MTLS_API_URL: 'https://mtls.example' })).toEqual([
      'GRANTLOG_MTLS_API_URL: needs mtls.certificate_header beside it',
    ])
    const proxied = { ...header, GRANTLOG_TRUSTED_PROXIES: '10.0.0.1' }
    expect(problems({ GRANTLOG_MTLS_VERIFIED_HEADER: 'verify' })).toEqual([
      'GRANTLOG_MTLS_VERIFIED_HEADER: needs mtls.certificate_header beside it',
    ])
    expect(problems({ ...proxied, GRANTLOG_MTLS_VERIFIED_HEADER: 'Client-Cert' })).toEqual([
      'GRANTLOG_MTLS_VERIFIED_HEADER: must be another header than mtls.certificate_header',
    ])
    const method = 'GRANTLOG_REGISTRATION_DEFAULT_TOKEN_ENDPOINT_AUTH_METHOD'
    const byCertificate = { [method]: 'self_signed_tls_client_auth' }
    expect(problems(byCertificate)).toEqual([`${method}: needs mtls.certificate_header`])
    expect(problems({ ...proxied, ...byCertificate })).toEqual([])
  })

  test('never shows a secret', () => {
    const planted = 'hunter2'
    const said = [
      ...problems({ GRANTLOG_SECRET: planted, GRANTLOG_DATABASE_URL: `postgres://u:${planted}@h` }),
      ...problems({ GRANTLOG_ADMIN_PASSWORD: planted.slice(0, 5) }),
      ...problems({ GRANTLOG_SECRET: planted }),
      ...problems({}, `secret = [ "${planted}" ]`),
      ...problems({}, `secret = "${planted}\n`),
    ]
    expect(said.length).toBeGreaterThanOrEqual(5)
    expect(said.join('\n')).not.toContain(planted.slice(0, 5))
  })
})

describe('an issuer', () => {
  const accepted = (issuer: string) => problems({ GRANTLOG_ISSUER: issuer }).length === 0

  test('is https with or without a path, or http on this machine', () => {
    const good = [
      'https://a.example',
      'https://a.example/tenant',
      'http://127.0.0.1:1',
      'http://[::1]',
    ]
    expect(good.filter((issuer) => !accepted(issuer))).toEqual([])
  })

  test('has no trailing slash, query, fragment or password', () => {
    const bad = [
      ...['https://a.example/', 'https://a.example?x=1', 'https://a.example#f', 'ftp://a.example'],
      ...['https://u:p@a.example', 'http://a.example', 'http://localhost.example', 'example'],
    ]
    expect(bad.filter(accepted)).toEqual([])
  })
})

describe('what registration gives by default', () => {
  test('is among the methods that it offers', () => {
    const env = { GRANTLOG_REGISTRATION_TOKEN_ENDPOINT_AUTH_METHODS: 'none' }
    const toml = '[registration]\ndefault_token_endpoint_auth_method = "client_secret_post"\n'
    expect(problems(env, toml)).toEqual([
      'grantlog.toml: registration.default_token_endpoint_auth_method: is not among registration.token_endpoint_auth_methods',
    ])
    expect(
      problems({ ...env, GRANTLOG_REGISTRATION_DEFAULT_TOKEN_ENDPOINT_AUTH_METHOD: 'none' }),
    ).toEqual([])
    const basic = 'client_secret_basic'
    expect(
      problems({ GRANTLOG_REGISTRATION_TOKEN_ENDPOINT_AUTH_METHODS: `none,${basic}` }),
    ).toEqual([])
  })
})

describe('a redirect pattern', () => {
  const good = ['https://a.example/cb', 'https://a.example/x/{id}', 'http://localhost:*/*']
  const bad = [
    'https://{id}/cb',
    'https://*.example/cb',
    'http://a.example/',
    'https://a.example/x{id}',
  ]
  test('is an exact URL, with {id} for a whole segment, or any port of this machine', () => {
    for (const pattern of good) {
      expect(problems({}, `redirect_patterns = ["${pattern}"]`)).toEqual([])
    }
    for (const pattern of [
      ...bad,
      'http://localhost:*',
      '*',
      'https://a.example/*',
      'https://a.example',
    ]) {
      expect(problems({}, `redirect_patterns = ["${pattern}"]`)).toHaveLength(1)
    }
  })
})

describe('a pinned document', () => {
  const pinned = (url: string, document: string) =>
    problems({}, `[[client_id_documents.pinned]]\nurl = "${url}"\ndocument = '${document}'\n`)
  const url = 'https://app.example/client.json'

  test('is JSON that names the URL beside it', () => {
    expect(pinned(url, `{"client_id":"${url}"}`)).toEqual([])
    for (const wrong of ['{', 'null', '"text"', '{}', `{"client_id":"${url}/"}`]) {
      expect(pinned(url, wrong)).toEqual([
        'grantlog.toml: client_id_documents.pinned[0].document: must be a JSON object whose client_id is the url beside it',
      ])
    }
    expect(pinned('http://app.example/client.json', '{}')).toHaveLength(1)
  })
})

describe('a host that may be asked', () => {
  const wrong = (host: string) => problems({ GRANTLOG_OUTBOUND_ALLOWED_HOSTS: host }).length > 0

  test('is a name or an address as a URL has it, with its port unless that is 443', () => {
    const good = ['a.example', 'a.example:8443', '10.0.0.1', '[::1]:8443', 'localhost:80']
    expect(good.filter(wrong)).toEqual([])
    const bad = [
      'https://a.example',
      'a.example/x',
      'A.example',
      'a.example:443',
      '*',
      '::1',
      '0x7f.1',
    ]
    expect(bad.filter((host) => !wrong(host))).toEqual([])
  })
})

describe('authorization details', () => {
  const type = (rest: string, fields = '') => `
[[authorization_detail_types]]
type = "safe"
name = "A safe"
${rest}
${fields}`
  const field = (rest: string) => `
[[authorization_detail_types.fields]]
name = "safe"
label = "Which"
${rest}`
  const choice =
    'kind = "choice"\n[authorization_detail_types.fields.options]\nFamily_Safe = "Ours"'

  test('are described by their fields, whose options are the operator’s own words', () => {
    const [safe] = load({}, type('', field(choice))).authorizationDetailTypes
    expect(safe?.always).toBe(false)
    expect(safe?.fields).toEqual([
      {
        ...{ name: 'safe', label: 'Which', kind: 'choice', options: { Family_Safe: 'Ours' } },
        ...{ required: true, max: 200, chosenBy: 'client' },
      },
    ])
  })

  const wrong: [what: string, toml: string, words: string][] = [
    ['a choice of nothing', type('', field('kind = "choice"')), 'a choice needs options'],
    [
      'options of two origins',
      type('', field(`options_url = "https://a.example/"\nchosen_by = "person"\n${choice}`)),
      'options and options_url cannot both be there',
    ],
    [
      'a URL for what no person chooses',
      type('', field('kind = "choice"\noptions_url = "https://a.example/"')),
      'only what a person chooses has an options_url',
    ],
    [
      'a URL in the clear',
      type('', field('kind = "choice"\nchosen_by = "person"\noptions_url = "http://a.example/"')),
      'must be an https URL without credentials or fragment',
    ],
    [
      'a text for a person to choose',
      type('', field('kind = "text"\nchosen_by = "person"')),
      'a person can only choose from a choice',
    ],
    [
      'a value that nobody would say',
      type('always = true', field('kind = "text"')),
      'nobody says it where the client did not ask',
    ],
    ['a type that is there twice', type('') + type(''), 'is there twice'],
    ['a resource that is not served', type('resource = "https://a.example"'), 'is none of the'],
  ]
  for (const [what, toml, words] of wrong) {
    test(`${what} is refused`, () => {
      expect(problems({}, toml).join()).toContain(words)
    })
  }
})

describe('API tokens', () => {
  test('live no longer by default than at most', () => {
    const wrong =
      'GRANTLOG_API_TOKENS_MAX_LIFETIME_SECONDS: is less than api_tokens.default_lifetime_seconds'
    const most = { GRANTLOG_API_TOKENS_MAX_LIFETIME_SECONDS: '60' }
    expect(problems(most)).toEqual([wrong])
    const endless = { ...most, GRANTLOG_API_TOKENS_DEFAULT_LIFETIME_SECONDS: '0' }
    expect(problems(endless)).toHaveLength(1)
    expect(problems({ ...most, GRANTLOG_API_TOKENS_DEFAULT_LIFETIME_SECONDS: '60' })).toEqual([])
  })

  test('are what a bot gives, so there is none without them', () => {
    const bot = { GRANTLOG_BOT_TOKEN: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw' }
    expect(problems(bot)).toEqual([])
    expect(problems({ ...bot, GRANTLOG_API_TOKENS_ENABLED: 'false' })).toEqual([
      'GRANTLOG_BOT_TOKEN: names a bot that gives API tokens, but `api_tokens.enabled` is false',
    ])
    for (const [name, value] of [
      ['TOKEN', 'secret-of-no-bot'],
      ['ADDRESS', 'http://t.me/example_bot'],
      ['ADDRESS', 'https://t.me.example/example_bot'],
      ['WEBHOOK_PATH', 'telegram'],
      ['WEBHOOK_PATH', '/telegram/webhook'],
      ['WEBHOOK_PATH', '/api/telegram?x'],
      ['API_URL', 'https://api.telegram.org/'],
      ['UPDATES', 'both'],
    ]) {
      const [problem = ''] = problems({ ...bot, [`GRANTLOG_BOT_${name}`]: value })
      expect(problem).toContain(`GRANTLOG_BOT_${name}`)
      expect(problem).not.toContain('secret-of-no-bot')
    }
  })

  test('have a prefix that no other token has, and scopes that a resource offers', () => {
    expect(problems({ GRANTLOG_API_TOKENS_PREFIX: 'glt_at' })).toEqual([
      'GRANTLOG_API_TOKENS_PREFIX: ends as another kind of token does',
    ])
    expect(problems({ GRANTLOG_API_TOKENS_SCOPES: 'read,rule' })).toEqual([
      'GRANTLOG_API_TOKENS_SCOPES: "rule" is a scope of no resource',
    ])
  })
})

describe('two hosts', () => {
  const key = 'A'.repeat(43)
  const hosts = {
    GRANTLOG_ISSUER: 'https://app.example.com',
    GRANTLOG_API_URL: 'https://api.example.com',
  }

  const wrong: [env: Record<string, string>, problem: string][] = [
    [{ GRANTLOG_ROLE: 'front' }, 'GRANTLOG_ROLE: "front" needs an api_url that is not the issuer'],
    [{ GRANTLOG_ROLE: 'front', ...hosts }, 'GRANTLOG_ROLE: "front" needs front_private_key'],
    [{ GRANTLOG_ROLE: 'api', ...hosts }, 'GRANTLOG_ROLE: "api" needs front_keys'],
    [
      { GRANTLOG_FRONT_PRIVATE_KEY: key },
      'GRANTLOG_FRONT_PRIVATE_KEY: is for the front alone: whoever checks a key must not hold it',
    ],
  ]
  for (const [env, problem] of wrong) {
    test(`${JSON.stringify(env)} is refused`, () => {
      expect(problems(env)).toContain(problem)
    })
  }
  test('each with what it needs is fine', () => {
    const front = { ...hosts, GRANTLOG_ROLE: 'front', GRANTLOG_FRONT_PRIVATE_KEY: key }
    const api = { ...hosts, GRANTLOG_ROLE: 'api', GRANTLOG_FRONT_KEYS: `${key},${key}` }
    expect([problems(front), problems(api)]).toEqual([[], []])
  })

  test('a private key is never shown in a message', () => {
    const said = problems({ GRANTLOG_FRONT_PRIVATE_KEY: 'short secret' }).join()
    expect(said).toContain('GRANTLOG_FRONT_PRIVATE_KEY')
    expect(said).not.toContain('short secret')
  })
})
