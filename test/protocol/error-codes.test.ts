/** The table of errors, held against what the documented systems answer. */
import { errorCodes, errorsAsMarkdown } from '../../src/protocol/error-codes.ts'
import { describe, expect, test } from '../support/test.ts'

type Table = Readonly<Record<string, number>>

const documents: Readonly<Record<string, Table>> = {
  Onegent: {
    invalid_request: 400,
    invalid_grant: 400,
    invalid_redirect_uri: 400,
    invalid_client_metadata: 400,
    invalid_client: 401,
    invalid_token: 401,
    missing_authorization: 401,
    insufficient_scope: 403,
    auth_backend_unavailable: 503,
  },
  // Its invalid_grant is 401: what `errors.unauthorized_grant_paths` is for.
  'Auth Agent, version 1': {
    invalid_request: 400,
    invalid_client: 401,
    invalid_token: 401,
    insufficient_scope: 403,
    server_error: 500,
  },
  'Auth Agent, version 2': {
    invalid_request: 400,
    invalid_client: 401,
    invalid_grant: 400,
    unauthorized_client: 400,
    unsupported_grant_type: 400,
    invalid_scope: 400,
    server_error: 500,
  },
}

describe('the table of errors', () => {
  for (const [document, table] of Object.entries(documents)) {
    test(`has every code of ${document} with its status`, () => {
      const here: Readonly<Record<string, { status: number }>> = errorCodes
      const statuses = Object.keys(table).map((code) => [code, here[code]?.status])
      expect(Object.fromEntries(statuses)).toEqual(table)
    })
  }

  test('says of each what it means and what to do, in a sentence without a full stop', () => {
    for (const { meaning, remedy } of Object.values(errorCodes)) {
      for (const sentence of [meaning, remedy]) expect(sentence).toMatch(/^[A-Z].*[^.]$/)
    }
  })

  test('has one row for each in Markdown', () => {
    const rows = errorsAsMarkdown().split('\n').slice(2)
    expect(rows.length).toBe(Object.keys(errorCodes).length)
    for (const row of rows) expect(row).toMatch(/^\| \d{3} \| `[a-z_]+` \| [^|]+ \| [^|]+ \|$/)
  })
})
