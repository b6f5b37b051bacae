/** Stands in for `bun:test` on Deno; the import map of deno.json puts it there. See `test.ts`. */

export {
  after as afterAll,
  afterEach,
  before as beforeAll,
  beforeEach,
  describe,
  test,
} from 'node:test'
export { expect } from 'expect'
