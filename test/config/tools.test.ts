/** Tools as an operator declares them in the file. */
import { readFileSync } from 'node:fs'
import { readSettings, SettingsRefused } from '../../src/config/load-settings.ts'
import { settingsInForce } from '../../src/config/settings-table.ts'
import { describe, expect, test } from '../support/test.ts'

type Env = Readonly<Record<string, string>>

const read = (toml: string, env: Env = {}) =>
  readSettings({
    env,
    cwd: '/srv',
    readFile: (path) => (path === '/srv/grantlog.toml' ? toml : undefined),
  })
const tools = (toml: string, env: Env = {}) => read(toml, env).settings.tools

function problems(toml: string, env: Env = {}): readonly string[] {
  try {
    read(toml, env)
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems
    throw error
  }
  return []
}

const lamp = `
[[tools]]
name = "switch_lamp"
title = "Switch a lamp"
description = "Switches a lamp of the person on or off."
scope = "book"
annotations = { destructive_hint = false, idempotent_hint = true }
http = { url = "https://lamps.example.com/switch", headers = { Authorization = "Bearer \${LAMP_KEY}" } }
[tools.input_schema]
type = "object"
required = ["lamp_id"]
[tools.input_schema.properties]
lamp_id = { type = "string", maxLength = 40 }
`
const env = { LAMP_KEY: 'planted-lamp-key' }
const lampWith = (from: string, to: string) => problems(lamp.replace(from, to), env)

describe('a tool', () => {
  test('has its schema as a table, whose names stay as they are, and what was not said by default', () => {
    expect(tools(lamp, env)).toEqual([
      {
        name: 'switch_lamp',
        title: 'Switch a lamp',
        description: 'Switches a lamp of the person on or off.',
        resource: 'http://localhost:8484/api/mcp',
        scope: 'book',
        job: false,
        approval: false,
        annotations: {
          readOnlyHint: false,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: true,
        },
        inputSchema: {
          type: 'object',
          required: ['lamp_id'],
          properties: { lamp_id: { type: 'string', maxLength: 40 } },
        },
        http: {
          url: 'https://lamps.example.com/switch',
          method: 'POST',
          headers: { Authorization: 'Bearer planted-lamp-key' },
          timeoutSeconds: 10,
          recordArguments: 'hash',
          recordReads: 'before',
        },
      },
    ])
  })

  test('may have its schema as JSON text', () => {
    const text = `[[tools]]\nname = "x"\ntitle = "X"\ndescription = "Does x"\nscope = "book"\njob = true\n`
    const [tool] = tools(`${text}input_schema = '{"type":"object","required":["a"]}'`)
    expect(tool?.inputSchema).toEqual({ type: 'object', required: ['a'] })
    expect(tool?.outputSchema).toMatchObject({ required: ['jobId', 'status'] })
    for (const schema of [`'{"type":'`, `'[]'`, '3']) {
      expect(problems(`${text}input_schema = ${schema}`)[0]).toContain('tools[0].input_schema')
    }
  })

  test('that the server itself carries out needs a name and a scope', () => {
    const [tool] = tools('[[tools]]\nname = "status"\nscope = "read"\nbuiltin = "get_job_status"')
    expect(tool?.title).toBe('See how a job stands')
    expect(tool?.annotations.readOnlyHint).toBe(true)
    expect(tool?.inputSchema).toMatchObject({ required: ['jobId'] })
  })

  test('is refused with its name and the place that is wrong', () => {
    const cases: [string, string, string][] = [
      ['maxLength = 40', 'maxLenght = 40', 'input_schema: at /properties/lamp_id/maxLenght'],
      ['type = "object"', 'type = "list"', 'input_schema: at /type: must be "object"'],
      ['scope = "book"', 'scope = "cook"', 'scope: "cook" is none of its resource'],
      ['scope = "book"', 'scope = "book"\nresource = "/elsewhere"', 'resource: must be'],
      ['scope = "book"', 'scope = "book"\nresource = "/api/mcp/x"', 'resource: is none of'],
      ['scope = "book"', 'scope = "book"\njob = true', 'must say one of job, http and builtin'],
      ['headers = {', 'headers = { Host = "x", ', 'headers."Host": is set by the server'],
    ]
    for (const [from, to, words] of cases) {
      const [problem] = lampWith(from, to)
      expect(problem).toContain('grantlog.toml: tools[0]')
      expect(problem).toContain(words)
      expect(problem).toContain('(switch_lamp)')
    }
    expect(lampWith('switch_lamp', 'switch lamp')[0]).toContain('tools[0].name: must be text that')
    expect(lampWith('title =', 'tilte =')[0]).toContain('tools[0].tilte: no such setting')
    expect(lampWith('title = "Switch a lamp"\n', '')[0]).toContain('tools[0].title: is missing')
    expect(problems(lamp + lamp, env)[0]).toContain('tools[1].name: is there twice')
  })

  test('of which there are more than a hundred are refused', () => {
    const many = Array.from({ length: 101 }, (_, n) => lamp.replace('switch_lamp', `lamp_${n}`))
    expect(problems(many.join(''), env)[0]).toContain('at most 100')
  })
})

describe('a header', () => {
  test('takes its secret from the environment, which must have it', () => {
    expect(problems(lamp)).toEqual([
      'tools[0].http.headers."Authorization": needs LAMP_KEY in the environment, on one line (switch_lamp)',
    ])
    expect(problems(lamp, { LAMP_KEY: 'two\nlines' })).toHaveLength(1)
  })

  test('is never shown', () => {
    const shown = JSON.stringify(settingsInForce(read(lamp, env)))
    expect(shown).toContain('switch_lamp')
    expect(shown).not.toContain('planted-lamp-key')
    const bad = lamp.replace('timeout', '').replace('Bearer', 'planted-too\\u0001')
    expect(problems(bad, env).join()).not.toContain('planted-too')
  })
})

test('the examples of the documentation are settings that the server accepts', () => {
  const examples = readFileSync('docs/tools.md', 'utf8').matchAll(/```toml\n(.*?)```/gs)
  const names = [...examples].map(([, toml = '']) => tools(toml, env).map(({ name }) => name))
  expect(names).toEqual([['order_flowers', 'get_job_status'], ['switch_lamp']])
})

describe('without tools in the file', () => {
  test('there is a job to try, and what tells about it', () => {
    const names = tools('').map(({ name }) => name)
    expect(names).toEqual(['book_restaurant', 'get_job_status', 'get_job_audit'])
  })

  test('resources of other scopes stand without them', () => {
    const mine =
      '[[resources]]\nresource = "/api/mcp"\nname = "Mine"\n[resources.scopes]\nx = "X"\n'
    expect(problems(mine)).toEqual([])
    expect(problems(mine, { GRANTLOG_PRESET: 'onegent' })).toEqual([])
  })

  test('there are none where the list is empty', () => {
    expect(tools('tools = []')).toEqual([])
  })
})
