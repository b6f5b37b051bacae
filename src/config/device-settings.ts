/** Devices that a person signs in for on another one (RFC 8628), and clients that ask one elsewhere. */
import { cibaSchema } from './ciba-settings.ts'
import { group, hour, minute, seconds, whole } from './schema.ts'

const deviceSchema = group({
  codeTtlSeconds: whole(
    { from: minute, to: hour },
    { default: 10 * minute, description: 'How long a device waits for a person' },
  ),
  intervalSeconds: whole(
    { from: 1, to: minute },
    { default: 5, description: 'How often a device may ask at first' },
  ),
  guessesMax: whole(
    { from: 1, to: 1000 },
    { default: 10, description: 'Wrong codes of one session or address inside the window' },
  ),
  guessWindowSeconds: seconds({
    default: 15 * minute,
    description: 'The window in which wrong codes are counted',
  }),
})

export const awaySettings = { device: deviceSchema, ciba: cibaSchema }
