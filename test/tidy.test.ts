/**
 * Keeps the house as it was drawn: which folder may import which, which package belongs where,
 * and the few rules of style that a linter does not know. ARCHITECTURE.md says why.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { Glob } from 'bun'
import { settingsAsMarkdown, settingsMarkers } from '../src/config/settings-table.ts'
import { describe, expect, test } from './support/test.ts'

const fileLinesMax = 300
const functionLinesMax = 70

/** What the files of a folder may import of ours, beside their own folder. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  sdk: [],
  config: ['domain'],
  projections: ['domain'],
  store: ['domain', 'projections'],
  ledger: ['domain', 'projections'],
  // They decide by settings, and ask the read models.
  protocol: ['domain', 'projections', 'config'],
  identity: ['domain', 'projections', 'config', 'protocol'],
  // Programs that sign in by themselves, and their owners.
  agents: ['domain', 'projections', 'config', 'protocol', 'identity', 'audit'],
  // Answers about the past: a reader of the log, as the protocol is a writer.
  audit: ['domain', 'projections', 'config', 'protocol'],
  // Work that agents started for a person.
  jobs: ['approvals', 'domain', 'projections', 'config', 'protocol', 'identity', 'audit'],
  // What people are asked before something is paid or done.
  approvals: ['domain', 'projections', 'config', 'protocol', 'identity'],
  // MCP servers elsewhere, behind our tokens; a face answers by it.
  gateway: ['approvals', 'domain', 'projections', 'config', 'protocol', 'identity', 'audit'],
  tasks: ['domain', 'projections', 'config', 'protocol', 'identity', 'store', 'ledger', 'jobs'],
  // The faces import inward only. Pages are served over HTTP, so http may import web.
  web: ['domain', 'projections', 'config', 'protocol', 'identity', 'ledger'],
  // Letters are written in the words of the pages.
  mail: ['domain', 'config', 'protocol', 'identity', 'web'],
  // It answers in the words of the pages.
  bot: ['approvals', 'jobs', 'domain', 'projections', 'config', 'protocol', 'identity', 'web'],
  mcp: [
    'approvals',
    'domain',
    'projections',
    'config',
    'protocol',
    'identity',
    'ledger',
    'audit',
    'jobs',
  ],
  http: [
    'approvals',
    'domain',
    'projections',
    'config',
    'protocol',
    'identity',
    'ledger',
    'audit',
    'web',
    'jobs',
    'agents',
    'gateway',
  ],
  runtimes: ['domain', 'protocol'],
  cli: [
    'domain',
    'config',
    'protocol',
    'identity',
    'agents',
    'gateway',
    'ledger',
    'runtimes',
    'server.ts',
  ],
  'main.ts': ['cli', 'runtimes'],
  'runtimes/deno-main.ts': ['cli'],
}

/** Packages that may be imported in some places alone. */
const fences: readonly { packages: RegExp; only: readonly string[] }[] = [
  { packages: /^(elysia|@elysiajs\/)/, only: ['http', 'web', 'mcp', 'server.ts'] },
  { packages: /^(drizzle-orm|libsql|@libsql\/)/, only: ['store', 'projections'] },
  { packages: /^(bun$|bun:)/, only: ['runtimes', 'cli'] },
  { packages: /^commander$/, only: ['cli'] },
  { packages: /^grammy(\/|$)/, only: ['bot'] },
]

const domainPackages = ['@sinclair/typebox', 'uuidv7', 'jose']

/** Pieces that several RFCs share, and that carry out none of them. */
const withoutCitation = [
  'protocol/services.ts',
  'protocol/tokens/token-text.ts',
  'protocol/tool-call-record.ts',
]

interface SourceFile {
  /** From src/: `domain/grant.ts`. */
  readonly path: string
  /** The folder below src/, or the file itself where it stands directly there. */
  readonly place: string
  readonly text: string
}

const sources: readonly SourceFile[] = [...new Glob('**/*.{ts,tsx}').scanSync('src')]
  .sort()
  .map((path) => ({
    path,
    place: path.split('/')[0] ?? path,
    text: readFileSync(join('src', path), 'utf8'),
  }))

/** Every module that a file names: imports, types among them, re-exports, and import(). */
function importsOf(text: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'|\bnew URL\(\s*'(\.[^']+)'/g
  return [...text.matchAll(pattern)].flatMap(([, ...names]) => names.filter((name) => name))
}

/** Code alone, without comments and the insides of texts. */
function codeOf(text: string): string {
  return text.replace(
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    "''",
  )
}

function isOurs(name: string): boolean {
  return name.startsWith('.')
}

function violations(find: (file: SourceFile) => readonly string[]): string[] {
  return sources.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`))
}

describe('folders', () => {
  test('import only what the architecture lets them', () => {
    const wrong = violations(({ path, place, text }) => {
      if (path === 'server.ts') return []
      const allowed = [place, ...(mayImport[place] ?? []), ...(mayImport[path] ?? [])]
      return importsOf(text)
        .filter(isOurs)
        .map((name) => normalize(join(dirname(path), name)))
        .filter((target) => !target.startsWith('..'))
        .filter((target) => !allowed.includes(target.split('/')[0] ?? ''))
        .map((target) => `imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  test('are all known to this test', () => {
    const places = new Set(sources.map(({ place }) => place))
    places.delete('server.ts')
    expect([...places].filter((place) => !(place in mayImport))).toEqual([])
  })

  test('keep each package where it belongs', () => {
    const wrong = violations(({ place, text }) =>
      importsOf(text).filter((name) =>
        fences.some(({ packages, only }) => packages.test(name) && !only.includes(place)),
      ),
    )
    expect(wrong).toEqual([])
  })

  test('leave the domain free of packages but for schemas, ids and keys', () => {
    const wrong = violations(({ place, text }) =>
      place === 'domain'
        ? importsOf(text).filter(
            (name) =>
              !isOurs(name) &&
              !name.startsWith('node:') &&
              !domainPackages.some((known) => name === known || name.startsWith(`${known}/`)),
          )
        : [],
    )
    expect(wrong).toEqual([])
  })

  test('name Bun and Deno only in runtimes and cli', () => {
    const wrong = violations(({ place, text }) =>
      place === 'runtimes' || place === 'cli'
        ? []
        : (codeOf(text).match(/(?<![\w.$])(Bun|Deno)\s*\./g) ?? []),
    )
    expect(wrong).toEqual([])
  })
})

describe('imports', () => {
  test('name the file that defines the thing, with its ending', () => {
    const wrong = violations(({ text }) =>
      importsOf(text).filter((name) => isOurs(name) && !/\.(tsx?|js|json|sql|css)$/.test(name)),
    )
    expect(wrong).toEqual([])
  })

  test('find no barrels: a file that only passes on what others define', () => {
    const wrong = violations(({ path, text }) => {
      const passesOn = /^export\b[^'"`;]*?from\s*'[^']+'\s*;?\s*$/gm
      const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      return passesOn.test(code) && code.replace(passesOn, '').trim() === '' ? [path] : []
    })
    expect(wrong).toEqual([])
  })
})

describe('files', () => {
  test('have names that say what is in them', () => {
    const drawer = /(^|\/)(index|utils?|helpers?|common|lib|shared|misc|types)(\/|\.tsx?$)/
    expect(violations(({ path }) => (drawer.test(path) ? ['says nothing'] : []))).toEqual([])
  })

  test(`have at most ${fileLinesMax} lines`, () => {
    const wrong = violations(({ text }) => {
      const lines = text.trimEnd().split('\n').length
      return lines > fileLinesMax ? [`${lines} lines`] : []
    })
    expect(wrong).toEqual([])
  })

  test('begin with a comment that says what they are for', () => {
    expect(violations(({ text }) => (text.startsWith('/**') ? [] : ['no header']))).toEqual([])
  })

  test('of the protocol cite what they carry out', () => {
    const citation =
      /@see \[[^\]]+\]\(https:\/\/(www\.rfc-editor\.org|openid\.net|datatracker\.ietf\.org)\/[^)]+\)/
    const wrong = violations(({ path, place, text }) =>
      place !== 'protocol' || withoutCitation.includes(path) || citation.test(text)
        ? []
        : ['cites nothing'],
    )
    expect(wrong).toEqual([])
  })
})

describe('pages', () => {
  test('give a key before they spread: after it, Bun compiles to React, which is not here', () => {
    const wrong = violations(({ text }) => text.match(/\{\.\.\.[^}]*\}[^<>]*\skey=/g) ?? [])
    expect(wrong).toEqual([])
  })
})

describe('functions', () => {
  test(`have at most ${functionLinesMax} lines`, () => {
    const wrong = violations(({ text }) => {
      const starts = /^( *)(?:export )?(?:default )?(?:async )?(?:function\b|[#\w]+\([^)]*\).*\{$)/
      const lines = text.split('\n')
      return lines.flatMap((line, index) => {
        const indent = starts.exec(line)?.[1]
        if (indent === undefined || indent.length > 2) return []
        const length = lines.slice(index).indexOf(`${indent}}`) + 1
        return length > functionLinesMax ? [`line ${index + 1}: ${length} lines`] : []
      })
    })
    expect(wrong).toEqual([])
  })
})

describe('the repository', () => {
  test('has lock files that name no host', () => {
    const locks = [...new Glob('{,test/**/}package-lock.json').scanSync('.')]
    const wrong = locks
      .filter((path) => !path.includes('node_modules'))
      .filter((path) => /"resolved":|:\/\/[^/"]*@/.test(readFileSync(path, 'utf8')))
    expect(wrong).toEqual([])
  })

  test('pins every dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const loose = Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^~?\d/.test(String(version)))
      .map(([name]) => name)
    expect(loose).toEqual([])
  })

  test('prints its settings in the documents as the schema has them', () => {
    const table = readFileSync('docs/settings.md', 'utf8')
      .split(settingsMarkers.from)[1]
      ?.split(settingsMarkers.to)[0]
    expect(table?.trim()).toBe(settingsAsMarkdown())
  })
})
