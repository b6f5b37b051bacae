/**
 * The tokens that are good now, as a list for administrators. They stand in three tables, and are
 * shown one after the other: a key says in which of them a page begins.
 *
 *   API tokens ──▶ tokens of grants, each beside its others ──▶ tokens that come from no code
 */
import {
  type Condition,
  type Listing,
  type ListKey,
  type ListPage,
  list,
  number,
  type Raw,
  text,
} from './listing.ts'
import {
  joinNames,
  type ListAsked,
  type Named,
  nameColumns,
  named,
  ofOwner,
  searchedNames,
  searching,
  string,
  wayOfGrants,
} from './lists.ts'
import type { Reader } from './statement.ts'

export interface ListedToken extends Named {
  readonly tokenHash: string
  /** The grant, the issuance of a token that comes from no code, or the API token itself. */
  readonly sourceId: string
  /** Absent where it is an API token: its person's own. */
  readonly clientId: string | undefined
  readonly clientName: string
  /** Of an API token. */
  readonly name: string | undefined
  readonly resource: string
  readonly scopes: readonly string[]
  readonly issuedAt: number
  /** Absent where it has no end. */
  readonly expiresAt: number | undefined
}

type Asked = ListAsked & { readonly now: number }

/** Access tokens and API tokens that have not expired. */
export async function listTokens(reader: Reader, asked: Asked): Promise<ListPage<ListedToken>> {
  const listings = [
    apiTokens(asked),
    grantedTokens(asked),
    // What is named is a grant or an API token.
    asked.id === undefined ? issuedTokens(asked) : undefined,
  ]
  const rows: ListedToken[] = []
  let { at, after } = placeOf(asked.after, listings.length)
  for (; at < listings.length; at += 1) {
    const listing = listings[at]
    const room = asked.rowsMax - rows.length
    if (!listing) continue
    const page = await list(reader, listing, { after, rowsMax: Math.max(room, 1) })
    // The page was full before; now it is known that another one follows.
    if (room === 0 && page.rows.length > 0) return { rows, next: [at] }
    rows.push(...page.rows)
    if (page.next) return { ...page, rows, next: [at, ...page.next] }
    after = undefined
  }
  return { rows }
}

function placeOf(key: ListKey | undefined, tables: number) {
  const [at = 0, ...after] = key ?? []
  const isPlace = typeof at === 'number' && at >= 0 && at < tables
  return isPlace ? { at, after: after.length > 0 ? after : undefined } : { at: 0, after: undefined }
}

/** What a token is named by, and where it is found. */
export type TokenPlace = Pick<ListedToken, 'sourceId' | 'tokenHash'>

/** Both in one text, for a form; neither has a dot. */
export function shownPlace({ sourceId, tokenHash }: TokenPlace): string {
  return `${sourceId}.${tokenHash}`
}

export function readPlace(shown: string): TokenPlace {
  const [sourceId = '', tokenHash = ''] = shown.split('.')
  return { sourceId, tokenHash }
}

/** The token while it has not expired. */
export async function findListedToken(
  reader: Reader,
  { sourceId, tokenHash, now }: TokenPlace & { now: number },
): Promise<ListedToken | undefined> {
  const asked = { now, rowsMax: 1 }
  for (const listing of [grantedTokens(asked), issuedTokens(asked), apiTokens(asked)]) {
    if (!listing) continue
    const { source, hash } = listing
    const indexed: Condition[] = [[`${source} = ?`, sourceId]]
    const conditions: Condition[] = [...listing.conditions, [`${hash} = ?`, tokenHash]]
    const way = { indexed, along: [text(source)], within: [], conditions }
    const { rows } = await list(reader, { ...listing, ...way }, asked)
    if (rows[0]) return rows[0]
  }
  return undefined
}

/** With the columns that name a token. */
type TokenListing = Listing<ListedToken> & { readonly source: string; readonly hash: string }

const good = (table: string, now: number): Condition => [`${table}."expires_at" > ?`, now]

/** None is a client's. */
function apiTokens(asked: Asked): TokenListing | undefined {
  const { userId, clientId, id, now } = asked
  if (clientId !== undefined) return undefined
  const ofPerson: Condition[] = userId === undefined ? [] : [['t."user_id" = ?', userId]]
  const itself: Condition[] = id === undefined ? [] : [['t."api_token_id" = ?', id]]
  return {
    ...{ source: 't."api_token_id"', hash: 't."token_hash"' },
    columns: columns('t', {
      source: 't."api_token_id"',
      client: 'NULL',
      issued: 'coalesce(t."regenerated_at", t."created_at")',
      name: 't."name"',
    }),
    from: '"api_tokens_v1" t',
    joins: 'LEFT JOIN "users_v1" u ON u."user_id" = t."user_id"',
    indexed: [...ofPerson, ...itself],
    along: [text('t."api_token_id"')],
    conditions: [
      ['t."token_hash" IS NOT NULL'],
      ['(t."expires_at" IS NULL OR t."expires_at" > ?)', now],
      ...searching(
        ['t."api_token_id"', 't."user_id"', 't."resource"', 't."name"', 'u."email"', 'u."name"'],
        asked,
      ),
    ],
    read,
  }
}

/** Those that live longest first. Of one client they are looked for among all. */
function issuedTokens(asked: Asked): TokenListing {
  const { userId, clientId, now } = asked
  const longest = [number('i."expires_at"'), text('i."issuance_id"')]
  const ids = ['i."issuance_id"', 'i."user_id"', 'i."client_id"', 'i."resource"']
  return {
    ...{ source: 'i."issuance_id"', hash: 'i."token_hash"' },
    columns: columns('i', { source: 'i."issuance_id"' }),
    from: '"issued_tokens_v1" i',
    joins: joinNames('i'),
    ...(userId === undefined
      ? { indexed: [good('i', now)], along: longest }
      : ofOwner('i', { column: '"user_id"', id: userId })),
    conditions: [
      ...(userId === undefined ? [] : [good('i', now)]),
      ...(clientId === undefined ? [] : [['i."client_id" = ?', clientId] as const]),
      ...searching([...ids, ...searchedNames], asked),
    ],
    read,
  }
}

/** Those of one person or one client are found by their grants. */
function grantedTokens(asked: Asked): TokenListing {
  const { userId, clientId, id, now } = asked
  const ids = ['g."grant_id"', 'g."user_id"', 'g."client_id"', 'a."resource"']
  const listing = {
    ...{ source: 'a."grant_id"', hash: 'a."access_token_hash"' },
    columns: columns('a', {
      ...{ source: 'g."grant_id"', owner: 'g' },
      ...{ hash: 'a."access_token_hash"', end: 'a."access_expires_at"' },
    }),
    conditions: [
      ['a."access_token_hash" IS NOT NULL AND a."access_expires_at" > ?', now] as const,
      ...searching([...ids, ...searchedNames], asked),
    ],
    read,
  }
  const [tokens, grants] = ['"grant_tokens_v1" a', '"grants_v1" g']
  const same = 'ON g."grant_id" = a."grant_id"'
  if (userId !== undefined || clientId !== undefined || id !== undefined) {
    return {
      ...listing,
      ...wayOfGrants({ userId, clientId, id }),
      from: grants,
      joins: `CROSS JOIN ${tokens} ${same} ${joinNames('g')}`,
      within: ['a."generation"'],
    }
  }
  return {
    ...listing,
    indexed: [],
    along: [text('a."grant_id"'), number('a."generation"')],
    from: tokens,
    joins: `CROSS JOIN ${grants} ${same} ${joinNames('g')}`,
  }
}

interface Columns {
  readonly source: string
  /** The table that says whose it is. */
  readonly owner?: string
  readonly client?: string
  readonly hash?: string
  readonly issued?: string
  readonly end?: string
  readonly name?: string
}

function columns(table: string, { source, owner = table, ...others }: Columns): string {
  const { client = `${owner}."client_id"`, issued = `${table}."issued_at"`, name = 'NULL' } = others
  const { hash = `${table}."token_hash"`, end = `${table}."expires_at"` } = others
  const names =
    client === 'NULL' ? 'u."name" AS "user_name", u."email", NULL AS "client_name"' : nameColumns
  return [
    `${hash} AS "token_hash", ${table}."resource", ${table}."scopes", ${end} AS "expires_at"`,
    `${owner}."user_id", ${source} AS "source_id", ${client} AS "client_id"`,
    `${issued} AS "issued_at", ${name} AS "token_name"`,
    names,
  ].join(', ')
}

function read(raw: Raw): ListedToken {
  return {
    ...named(raw),
    tokenHash: String(raw.token_hash),
    sourceId: String(raw.source_id),
    clientId: string(raw.client_id),
    clientName: string(raw.client_name) ?? '',
    name: string(raw.token_name),
    resource: String(raw.resource),
    scopes: JSON.parse(String(raw.scopes)) as string[],
    issuedAt: Number(raw.issued_at),
    expiresAt: raw.expires_at === null ? undefined : Number(raw.expires_at),
  }
}
