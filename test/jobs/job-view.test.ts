/** What people's programs are told of a job: by names that they know, and not what is not theirs. */
import { presets } from '../../src/config/presets.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { shownStep } from '../../src/jobs/job-view.ts'
import { shownStatus } from '../../src/jobs/shown-status.ts'
import { describe, expect, test } from '../support/test.ts'

const place = { position: 7, at: '2026-11-21T10:00:00.000Z' }
const cancelled = { ...place, type: 'cancelled', reason: 'cancelled_by_user' } as const

describe('a job that was cancelled', () => {
  test('is called so', () => {
    const settings = defaultSettings()
    expect(shownStatus(settings, 'cancelled')).toBe('cancelled')
    expect(shownStep(settings, cancelled)).toEqual(cancelled)
  })

  test('is an error to Onegent’s clients, which know no other', () => {
    const settings = defaultSettings(presets.onegent)
    expect(shownStatus(settings, 'cancelled')).toBe('error')
    expect(shownStatus(settings, 'done')).toBe('done')
    const code = 'cancelled_by_user'
    expect(shownStep(settings, cancelled)).toMatchObject({ ...place, type: 'error', code })
  })
})

test('what the person wrote is for the worker alone', () => {
  const resumed = { ...place, type: 'resumed', pause_id: 'p', answer: 'seven bridges' } as const
  expect(shownStep(defaultSettings(), resumed)).not.toHaveProperty('answer')
})
