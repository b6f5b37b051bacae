/** The works of a Grantlog server: those of every OAuth server, and those that it alone does. */
import type { Work } from '../contenders/contender.ts'
import { type Answer, type RequestParts, requestText } from '../load/connection.ts'
import { requireWords, type Worker } from '../load/worker.ts'
import { oauthWorkers } from './oauth-works.ts'
import type { Party } from './party.ts'

export interface GrantlogParty extends Party {
  readonly apiTokens: readonly string[]
}

export async function grantlogWorkers(
  party: GrantlogParty,
  { work, seconds }: { work: Work; seconds: number },
): Promise<readonly Worker[]> {
  switch (work) {
    case 'verify':
      return each(party, '"allowed":true', (_, index) => ({
        path: '/api/verify',
        headers: {
          authorization: `Bearer ${party.apiTokens[index % party.apiTokens.length]}`,
          'x-forwarded-method': 'GET',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'api.example.com',
          'x-forwarded-uri': '/orders/17?full=1',
        },
      }))
    case 'mcp':
      return each(party, '"tools"', ({ accessToken }) => ({
        method: 'POST',
        path: '/api/mcp',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-06-18',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      }))
    case 'audit':
      return each(party, '"events":[{', () => ({
        path: '/audit/events?type=GrantApproved&limit=50',
        headers: { cookie: party.cookie },
      }))
    case 'page':
      return each(party, '</html>', () => ({
        path: '/account',
        headers: { cookie: party.cookie },
      }))
    default:
      return oauthWorkers(party, { work, seconds })
  }
}

/** One request again and again; a right answer is a 200 with these words. */
function each(
  party: Party,
  words: string,
  parts: (actor: Party['actors'][number], index: number) => RequestParts,
): Worker[] {
  return party.actors.map((actor, index) => {
    const accept = (answer: Answer) => {
      requireWords(answer, 200, words)
      return undefined
    }
    const step = { request: requestText(party.url, parts(actor, index)), accept }
    return { next: () => step }
  })
}
