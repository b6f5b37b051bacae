/** Between a client and a person whom it asks from elsewhere. */
import {
  BackChannelMuted,
  BackChannelPinged,
  BackChannelUnmuted,
  backChannelDecider,
  backChannelId,
} from '../../src/domain/back-channel.ts'
import { given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const ends = { userId: 'usr_1', clientId: 'cli_1' }
const fact = { ...ends, channelId: backChannelId(ends), at: 1000 }
const [muted, unmuted] = [BackChannelMuted(fact), BackChannelUnmuted(fact)]
const command = (kind: 'mute' | 'unmute') => ({ kind, ...ends, now: 1000 })

describe('a back channel', () => {
  test('is muted once, and opened once', () => {
    given(backChannelDecider).when(command('mute')).records(muted)
    given(backChannelDecider, muted).when(command('mute')).refuses('muted_already')
    given(backChannelDecider, muted).when(command('unmute')).records(unmuted)
    given(backChannelDecider).when(command('unmute')).refuses('not_muted')
    given(backChannelDecider, muted, unmuted).when(command('mute')).records(muted)
  })

  test('records what became of telling the client, and stays as it is', () => {
    const ping = { questionId: 'ask_1', delivered: true, attempts: 2, status: 204 }
    const pinged = BackChannelPinged({ ...fact, ...ping })
    const record = { kind: 'record ping', ...ends, ...ping, now: 1000 } as const
    given(backChannelDecider).when(record).records(pinged)
    given(backChannelDecider, muted, pinged).when(command('mute')).refuses('muted_already')
    const { status: _, ...unanswered } = ping
    given(backChannelDecider)
      .when({ kind: 'record ping', ...ends, ...unanswered, delivered: false, now: 1000 })
      .records(BackChannelPinged({ ...fact, ...unanswered, delivered: false }))
  })

  test('is of these two alone', () => {
    const ids = [ends, { ...ends, userId: 'usr_2' }, { ...ends, clientId: 'cli_2' }]
    expect(new Set(ids.map(backChannelId)).size).toBe(3)
  })
})
