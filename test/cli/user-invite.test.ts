import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram } from './processes.ts'

let place: Place
let mail: MailServer
beforeEach(async () => {
  mail = await startMailServer()
  place = await newPlace()
})
afterEach(async () => {
  place.remove()
  await mail.stop()
})

describe('grantlog user invite', () => {
  test('writes to who may make an account, and says why it does not', async () => {
    const args = ['user', 'invite', '--email', 'ada@example.com']
    const off = await run(sourceProgram, { place, args })
    expect([off.code, off.err]).toEqual([
      1,
      'Cannot invite "ada@example.com": nobody may sign up; set sign_up to "invitation" or "open"\n',
    ])
    const env = { GRANTLOG_SIGN_UP: 'invitation' }
    const silent = await run(sourceProgram, { place, args, env })
    expect([silent.code, silent.err]).toEqual([
      1,
      'Cannot invite "ada@example.com": no mail server is set; set mail.url\n',
    ])
    const sending = { ...env, GRANTLOG_MAIL_URL: mail.url }
    const sent = await run(sourceProgram, { place, args, env: sending })
    expect([sent.code, sent.out]).toEqual([0, 'Invited ada@example.com\n'])
    expect(mail.received.map(({ to }) => to)).toEqual([['ada@example.com']])
    expect(await mail.nextLink({ to: 'ada@example.com' })).toContain(
      '/sign-up/confirm?token=glt_ml_',
    )
  })
})
