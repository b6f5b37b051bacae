/**
 * Tests and hooks may take long: no result depends on how fast a machine is. Bun forgets this after
 * the first file; whoever runs more than one by hand says `--timeout=120000`, as run-tests.ts does.
 */
import { setDefaultTimeout } from 'bun:test'

setDefaultTimeout(120_000)
