/** What an administrator does to people's accounts; the rules are in identity/. */
import {
  type AdministrationResult,
  disableUser,
  enableUser,
  endOneSession,
  endSessions,
  setAdmin,
} from '../identity/administer-user.ts'
import { setPermissions } from '../identity/permissions.ts'
import { registerUser } from '../identity/register-user.ts'
import { resetSecondFactor } from '../identity/reset-second-factor.ts'
import { setUserGroups } from '../identity/user-groups.ts'
import { listSessions } from '../projections/lists.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { adminHref } from '../web/admin-frame.tsx'
import {
  type AdminAction,
  type Asked,
  type Done,
  newSubject,
  reasonProblem,
  type Subject,
} from './admin-action.ts'

const section = 'users' as const

async function find(services: Services, id: string): Promise<Subject | undefined> {
  const user = await findUser(services.reader, id)
  if (!user) return undefined
  const values = { groups: user.groups.join(' '), permissions: user.permissions.join(' ') }
  return { id, name: user.name?.trim() || user.email || id, back: adminHref('user', id), values }
}

async function create(services: Services, { subject, value, cause }: Asked): Promise<Done> {
  const userId = subject.id
  const goTo = adminHref('user', userId)
  const result = await registerUser(services, {
    userId,
    email: value('email'),
    name: value('name'),
    password: value('password'),
    admin: value('admin') === 'yes',
    actor: cause.actor,
  })
  if (result.outcome === 'accepted') return { goTo }
  // The same form came twice.
  if (result.reason === 'email_taken' && (await findUser(services.reader, userId))) return { goTo }
  return { problem: result.reason === 'link_used' ? 'expired' : result.reason }
}

function doneAs(result: AdministrationResult, { back }: Subject): Done {
  const isRefused = result.outcome === 'refused' && result.reason === 'last_admin'
  // Anything else that is refused is so already: the same form came twice.
  return isRefused ? { problem: 'last_admin' } : { goTo: back }
}

function wordsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean)
}

const groupProblems = {
  user_unknown: 'not_now',
  group_invalid: 'group_invalid',
  group_reserved: 'group_reserved',
  groups_too_many: 'too_many',
} as const

export const userActions = {
  'create-user': {
    section,
    fields: ['email', 'name', 'password', 'admin'],
    find: async (_, id) => newSubject(id, { prefix: 'usr', back: '/admin/users' }),
    run: create,
  },
  'disable-user': {
    section,
    fields: ['reason'],
    find,
    run: async (services, { subject, value, cause }) => {
      const why = value('reason')
      const problem = reasonProblem(why)
      if (problem) return { problem }
      return doneAs(await disableUser(services, { userId: subject.id, why }, cause), subject)
    },
  },
  'enable-user': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) =>
      doneAs(await enableUser(services, { userId: subject.id }, cause), subject),
  },
  'make-admin': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) =>
      doneAs(await setAdmin(services, { userId: subject.id, admin: true }, cause), subject),
  },
  'unmake-admin': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) =>
      doneAs(await setAdmin(services, { userId: subject.id, admin: false }, cause), subject),
  },
  'end-sessions': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) => {
      await endSessions(services, subject.id, cause)
      return { goTo: subject.back }
    },
  },
  'end-session': {
    section: 'sessions',
    fields: [],
    find: async ({ reader, now }, id) => {
      const { rows } = await listSessions(reader, { id, now: now(), rowsMax: 1 })
      const [session] = rows
      if (!session) return undefined
      return { id, name: session.userName?.trim() || session.email || id, back: '/admin/sessions' }
    },
    run: async (services, { subject, cause }) => {
      await endOneSession(services, subject.id, cause)
      return { goTo: subject.back }
    },
  },
  'reset-second-factor': {
    section,
    fields: ['reason'],
    find,
    run: async (services, { subject, value, cause }) => {
      const reason = value('reason')
      const problem = reasonProblem(reason)
      if (problem) return { problem }
      const result = await resetSecondFactor(services, { userId: subject.id, reason }, cause)
      // Without one it is so already: the same form came twice.
      const isRefused = result.outcome === 'refused' && result.reason === 'last_way_in'
      return isRefused ? { problem: 'last_way_in' } : { goTo: subject.back }
    },
  },
  'set-groups': {
    section,
    fields: ['groups'],
    find,
    run: async (services, { subject, value, cause }) => {
      const groups = wordsIn(value('groups'))
      const asked = { userId: subject.id, groups, actor: cause.actor }
      const result = await setUserGroups(services, asked)
      if (result.outcome === 'accepted') return { goTo: subject.back }
      return { problem: groupProblems[result.reason] }
    },
  },
  'set-permissions': {
    section,
    fields: ['permissions'],
    find,
    run: async (services, { subject, value, cause }) => {
      const permissions = wordsIn(value('permissions'))
      const asked = { userId: subject.id, permissions, actor: cause.actor }
      const result = await setPermissions(services, asked)
      if (result.outcome === 'accepted') return { goTo: subject.back }
      const { reason } = result
      if (reason === 'permission_malformed') return { problem: reason }
      return { problem: reason === 'too_many_permissions' ? 'too_many' : 'not_now' }
    },
  },
} satisfies Record<string, AdminAction>
