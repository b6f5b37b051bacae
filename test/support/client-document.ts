/** A client that is known by the metadata document at its id, on a site in this process. */
import type { DocumentServer, Page } from './document-server.ts'
import { redirectUri } from './oauth-client.ts'

export interface PublishedClient {
  /** The URL of its document. */
  readonly client_id: string
  /** Changes the document: what it says, or how it is answered. */
  publish(fields?: Record<string, unknown>, page?: Page): void
  /** Puts something else in its place. */
  answer(page: Page): void
  /** How often the document was asked for. */
  asked(): number
  readonly [field: string]: unknown
}

let published = 0

/** A new document at a new URL. */
export function publishClient(
  site: DocumentServer,
  fields: Record<string, unknown> = {},
): PublishedClient {
  published += 1
  const path = `/clients/${published}.json`
  const client_id = site.url + path
  const client: PublishedClient = {
    client_id,
    publish: (changes = {}, { headers, ...page } = {}) => {
      const document = {
        client_id,
        client_name: 'Test client',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        ...fields,
        ...changes,
      }
      site.put(path, {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(document),
        ...page,
      })
    },
    answer: (page) => site.put(path, page),
    asked: () => site.asked.filter((line) => line === `GET ${site.host}${path}`).length,
  }
  client.publish()
  return client
}
