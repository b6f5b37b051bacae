/** A device's code on its way through a sign-in. */
import { shownUserCode, typedUserCode } from '../protocol/authorization/user-code.ts'

/** The code as people see it, or nothing: what is no code goes no further. */
export function codeIn(typed: string | null): string {
  const code = typedUserCode(typed ?? '')
  return code === undefined ? '' : shownUserCode(code)
}

/** The page of the device, with what was typed. */
export function devicePath(typed: string | null): string {
  const code = codeIn(typed)
  return code === '' ? '/device' : `/device?user_code=${code}`
}
