/** The pages on which people prove who they are, in the states that differ to the eye. */
import { securityPage } from '../../src/web/account-security.tsx'
import { enrolmentPage, recoveryCodesPage } from '../../src/web/enrolment.tsx'
import { secondStepPage } from '../../src/web/second-step.tsx'
import { signInPage } from '../../src/web/sign-in.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { visitor } from './sample-visitor.ts'

const hostile =
  '<script>alert(1)</script>"\' onmouseover=alert(2) style=x:y \u202Eevil\u2066\u200B\u0000 מהיר Сlaude'
const long = `${hostile} ${'W'.repeat(10_000)}`
const at = Date.UTC(2026, 10, 21, 14, 3, 9)
const shell = { brand: 'Example', words: english }
const form = { ...shell, csrf: 'csrf-token', action: '/sign-in', hidden: { step: 'hsi_1' } }
const second = { ...form, otherWay: '/sign-in?next=/account/security' }
const options = { rpId: 'auth.example.com', challenge: 'Y2hhbGxlbmdl' }
const signIn = { ...form, passkey: { action: '/sign-in/passkey', options } }
const passkey = { credentialId: 'id-1', name: 'Phone', synced: true, addedAt: at, usedAt: at }
const stick = { credentialId: 'id-2', name: '', synced: false, addedAt: at }
const security = {
  ...shell,
  visitor,
  csrf: 'csrf-token',
  newPasskey: options,
  passkeys: [passkey, stick],
}
const enrolment = {
  ...form,
  uri: 'otpauth://totp/Example:ada%40example.com?secret=MZXW6YTBOJRGC4TCMFZGEYLSMJQXEYTB&issuer=Example',
  key: 'MZXW6YTBOJRGC4TCMFZGEYLSMJQXEYTB',
  required: false,
}
const codes = Array.from({ length: 10 }, (_, n) => `ABCD${(n + 2) % 10}-EFGHJ`)
const many = Array.from({ length: 20 }, (_, n) => ({ ...passkey, credentialId: `id-${n}` }))

export const securityPages: Readonly<Record<string, string>> = {
  'sign-in-passkey': signInPage(signIn),
  'sign-in-passkey-only': signInPage({ ...signIn, withPassword: false }),
  'sign-in-again': signInPage({ ...signIn, again: true, email: 'ada@example.com' }),
  'sign-in-again-german': signInPage({
    ...signIn,
    words: german,
    again: true,
    problem: 'other_person',
  }),
  'sign-in-passkey-hostile': signInPage({
    ...signIn,
    passkey: { action: hostile, options: { [hostile]: hostile } },
  }),
  'second-step': secondStepPage(second),
  'second-step-wrong': secondStepPage({ ...second, problem: 'wrong_code' }),
  'second-step-throttled-german': secondStepPage({
    ...second,
    words: german,
    problem: 'too_many_attempts',
    retryAfterSeconds: 90,
  }),
  'second-step-hostile': secondStepPage({
    ...second,
    brand: hostile,
    hidden: { [hostile]: hostile },
  }),
  enrolment: enrolmentPage(enrolment),
  'enrolment-required-german': enrolmentPage({
    ...enrolment,
    words: german,
    required: true,
    problem: 'wrong_code',
  }),
  'enrolment-hostile': enrolmentPage({
    ...enrolment,
    brand: hostile,
    uri: `otpauth://totp/${encodeURIComponent(hostile)}`,
    hidden: { [hostile]: hostile },
  }),
  'recovery-codes': recoveryCodesPage({ ...shell, visitor, codes, onward: '/account/security' }),
  security: securityPage({ ...security, totp: { enabledAt: at, recoveryCodesLeft: 9 } }),
  'security-empty': securityPage({ ...security, passkeys: [] }),
  'security-full': securityPage({ ...security, passkeys: many, problem: 'passkeys_too_many' }),
  'security-without-passkeys': securityPage({ ...security, passkeys: [], newPasskey: undefined }),
  'security-german': securityPage({
    ...security,
    words: german,
    problem: 'last_way_in',
    totp: { enabledAt: at, recoveryCodesLeft: 1 },
  }),
  'security-hostile': securityPage({
    ...security,
    brand: hostile,
    passkeys: [{ ...passkey, credentialId: hostile, name: long }],
    newPasskey: { [hostile]: hostile },
  }),
}
