/** Tests and hooks may take long: no result depends on how fast a machine is. */
import { setDefaultTimeout } from 'bun:test'

setDefaultTimeout(120_000)
