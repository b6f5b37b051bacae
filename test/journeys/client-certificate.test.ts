/**
 * Clients that prove who they are by a certificate, over TLS, through a real nginx with the
 * the documents' own lines.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { addClient } from '../../src/protocol/clients/operator-clients.ts'
import {
  altName,
  type Certificate,
  certify,
  clientCertHeader,
  selfSigned,
} from '../support/certificate.ts'
import { type Nginx, nginxPath, startNginx } from '../support/nginx.ts'
import { register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const name = 'agent.acme.example'
const site = selfSigned(['localhost'])
const authority = certify({})
const stranger = certify({})
const altNames = [altName.dns(name)]

describe.skipIf(nginxPath === undefined)('behind nginx', () => {
  let server: TestServer
  let nginx: Nginx
  let named: string
  beforeAll(async () => {
    server = await startTestServer({
      trustedProxies: ['127.0.0.1', '::1'],
      mtls: { certificateHeader: 'Client-Cert', verifiedHeader: 'Client-Verify' },
    })
    nginx = await startNginx({
      server: `ssl_certificate site.pem; ssl_certificate_key site.key; ${readmeLines(server)}`,
      files: {
        'site.pem': site.certificate,
        'site.key': site.key,
        'client-authorities.pem': authority.certificate,
      },
      tls: true,
    })
    const asked = {
      ...{ client_name: 'Agent', redirect_uris: ['https://acme.example/cb'] },
      ...{ token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: name },
    }
    named = (await addClient(server.services, asked, { actor: 'cli' })).clientId
  })
  afterAll(async () => {
    await nginx.stop()
    await server.stop()
  })

  async function registered(own: Certificate): Promise<string> {
    const keys = [own.publicKey.export({ format: 'jwk' })]
    const token_endpoint_auth_method = 'self_signed_tls_client_auth'
    return (await register(server, { token_endpoint_auth_method, jwks: { keys } })).client_id
  }

  /** Tries to prove it at the revocation endpoint, where nothing else can be wrong. */
  function prove(clientId: string, own?: Certificate, headers: Record<string, string> = {}) {
    const form = new URLSearchParams({ token: 'nothing', client_id: clientId }).toString()
    return new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', servername: 'localhost', port: nginx.port, ca: site.certificate },
          ...{ method: 'POST', path: '/oauth/revoke', agent: false },
          ...(own ? { cert: own.certificate, key: own.key } : {}),
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        },
        (answer) => {
          answer.resume()
          answer.on('end', () => resolve(answer.statusCode))
        },
      )
      sent.on('error', reject).end(form)
    })
  }

  test('a client with a registered key is who it says, by its own certificate', async () => {
    const own = certify({})
    const clientId = await registered(own)
    expect(await prove(clientId, own)).toBe(200)
    expect(await prove(clientId, stranger)).toBe(401)
    expect(await prove(clientId)).toBe(401)
  })

  test('a client with a registered name is who it says, by a certificate of the authority', async () => {
    expect(await prove(named, certify({ authority, altNames }))).toBe(200)
  })

  test('SECURITY 19: and not by one of anybody else, nor for another name', async () => {
    expect(await prove(named, certify({ altNames }))).toBe(401)
    expect(await prove(named, certify({ authority: stranger, altNames }))).toBe(401)
    const other = [altName.dns(`other.${name}`)]
    expect(await prove(named, certify({ authority, altNames: other }))).toBe(401)
  })

  test('SECURITY 12: what a client writes into the headers of the proxy is gone', async () => {
    const good = certify({ authority, altNames })
    const lies = { 'client-cert': clientCertHeader(good), 'client-verify': 'SUCCESS' }
    expect(await prove(named, undefined, lies)).toBe(401)
    expect(await prove(named, certify({ altNames }), lies)).toBe(401)
  })
})

function readmeLines({ url }: TestServer): string {
  const [snippet = ''] = [
    ...readFileSync('docs/clients.md', 'utf8').matchAll(/```nginx\n(.*?)```/gs),
  ]
    .map(([, lines = '']) => lines)
    .filter((lines) => lines.includes('ssl_verify_client'))
  return snippet.replaceAll('127.0.0.1:8484', new URL(url).host.replace('localhost', '127.0.0.1'))
}
