/** How long signing keys live. */
import { day, group, hour, minute, whole } from './schema.ts'

export const keysSchema = group({
  rotateAfterSeconds: whole(
    { from: hour, to: 3650 * day },
    { default: 90 * day, description: 'How long a key signs before the next one does' },
  ),
  publishAheadSeconds: whole(
    { from: 5 * minute, to: 365 * day },
    {
      default: day,
      description: 'How long a key is published before it signs; others keep copies of the key set',
    },
  ),
})
