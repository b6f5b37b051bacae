/**
 * What every test imports, whichever runtime runs it:
 *
 *   import { describe, expect, test } from './test.ts'
 *
 * On Bun these are the functions of `bun:test`. On Deno an import map (deno.json) puts
 * `test-on-deno.ts` in the place of `bun:test`: Deno's own `node:test` and the `expect` package,
 * which Bun's `expect` follows word for word. A suite that runs on both keeps to what this file
 * exports: no mocks, no fake timers, no snapshots.
 */
export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
