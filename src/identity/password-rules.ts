/**
 * What a password must be: long enough, not one that everybody tries first, and not too long to
 * hash. No rules about letters and digits: they make passwords worse.
 *
 * @see [OWASP ASVS 5.0 - V6.2 Password Security](https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x15-V6-Authentication.md)
 */

export const passwordCharactersMin = 8
export const passwordCharactersMax = 1024

/** Tried first by everybody who guesses; each with any trailing digits and signs. */
const commonStems = new Set([
  ...['password', 'passw0rd', 'p@ssword', 'p@ssw0rd', 'qwerty', 'qwertyuiop', 'asdfghjkl'],
  ...['zxcvbnm', 'iloveyou', 'sunshine', 'princess', 'football', 'baseball', 'superman', 'batman'],
  ...['welcome', 'letmein', 'dragon', 'monkey', 'master', 'trustno', 'shadow', 'michael', 'jordan'],
  ...['changeme', 'default', 'admin', 'administrator', 'root', 'test', 'guest', 'secret', 'login'],
  ...[
    'abc',
    'abcd',
    'abcdef',
    'abcdefgh',
    'computer',
    'internet',
    'starwars',
    'whatever',
    'grantlog',
  ],
])

export type PasswordProblem = 'password_too_short' | 'password_too_long' | 'password_too_common'

export function passwordProblem(password: string): PasswordProblem | undefined {
  const characters = [...password].length
  if (characters < passwordCharactersMin) return 'password_too_short'
  if (characters > passwordCharactersMax) return 'password_too_long'
  return isCommon(password) ? 'password_too_common' : undefined
}

function isCommon(password: string): boolean {
  const plain = password.toLowerCase()
  const stem = plain.replace(/[\d\s!?.*#@$%^&_-]+$/, '')
  return stem === '' || commonStems.has(stem) || new Set(plain).size <= 2
}
