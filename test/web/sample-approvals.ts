/** The pages on which people decide, in the states that differ to the eye. */
import { type ApprovalPageData, approvalPage } from '../../src/web/approval.tsx'
import {
  type ApprovalsPageData,
  approvalsPage,
  type ListedApproval,
} from '../../src/web/approvals.tsx'
import { type WaitingJobPageData, waitingJobPage } from '../../src/web/waiting-job.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { visitor } from './sample-visitor.ts'

const shell = { brand: 'Example', words: english, visitor }
const askedAt = Date.UTC(2026, 10, 21, 14, 3, 9)
const hour = 3_600_000

const payment: ApprovalPageData = {
  ...shell,
  action: '/approvals/apr_1',
  csrf: 'csrf-token',
  shownHash: 'h'.repeat(43),
  client: { name: 'Claude Code', consent: '/developers/connected-apps/grt_1' },
  question: {
    kind: 'payment',
    tool: 'book_restaurant',
    note: 'The restaurant wants a deposit',
    payment: {
      amount: '84.50',
      currency: 'EUR',
      payee: 'Da Enzo al 29, Roma',
      description: 'Deposit for four seats on Saturday',
    },
    parameters: [
      { name: 'seats', text: '4' },
      { name: 'date', text: '2026-11-28' },
    ],
  },
  state: 'open',
  askedAt,
  expiresAt: askedAt + 24 * hour,
  now: askedAt + 90 * 60_000,
  isFresh: true,
  isHere: true,
}

export const listedApproval: ListedApproval = {
  href: '/approvals/apr_1',
  clientName: 'Claude Code',
  tool: 'book_restaurant',
  kind: 'payment',
  amount: '84.50 EUR',
  payee: 'Da Enzo al 29, Roma',
  state: 'open',
  askedAt,
  expiresAt: askedAt + 24 * hour,
}

const list: ApprovalsPageData = {
  ...shell,
  approvals: [
    listedApproval,
    {
      ...listedApproval,
      href: '/approvals/jobs/job_2',
      clientName: 'Planner',
      agent: 'navigator',
      kind: 'captcha',
      amount: undefined,
    },
    {
      ...listedApproval,
      href: '/approvals/apr_3',
      kind: 'call',
      tool: 'delete_file',
      amount: undefined,
      state: 'used',
    },
    { ...listedApproval, href: '/approvals/apr_4', state: 'denied' },
    {
      ...listedApproval,
      href: '/approvals/apr_5',
      kind: 'job',
      amount: undefined,
      state: 'expired',
    },
  ],
  standing: [
    {
      ...{ standingId: 'std_1', clientName: 'Claude Code', tool: 'book_restaurant' },
      ...{ currency: 'EUR', limit: '100', spent: '15.5', endsAt: askedAt + hour },
    },
  ],
  csrf: 'csrf-token',
  page: 1,
  pages: 3,
  now: askedAt,
}

const waiting: WaitingJobPageData = {
  ...shell,
  action: '/approvals/jobs/job_2',
  csrf: 'csrf-token',
  client: { name: 'Planner', agent: 'navigator', consent: '/account/agents' },
  tool: 'book_flight',
  pause: 'captcha',
  note: 'The site wants to know that you are a person',
  url: 'https://flights.example.com/check?id=7',
  shownHash: 'h'.repeat(43),
  expiresAt: askedAt + hour,
  now: askedAt,
}

export function sampleApprovalPages(hostile: string, long: string): Record<string, string> {
  const lies = `${hostile} ${'W'.repeat(900)}`
  return {
    approvals: approvalsPage(list),
    'approvals-empty': approvalsPage({ ...list, approvals: [], standing: [], pages: 1 }),
    'approvals-done-german': approvalsPage({ ...list, words: german, done: 'approved' }),
    'approvals-hostile': approvalsPage({
      ...list,
      approvals: [
        {
          ...listedApproval,
          clientName: long,
          agent: long,
          tool: long,
          amount: hostile,
          payee: lies,
        },
      ],
      csrf: hostile,
      standing: [],
    }),
    approval: approvalPage({ ...payment, standing: { limit: '100', currency: 'EUR' } }),
    'approval-stale-german': approvalPage({ ...payment, words: german, isFresh: false }),
    'approval-by-agent': approvalPage({
      ...payment,
      client: { ...payment.client, agent: 'navigator', consent: '/account/agents' },
    }),
    'approval-changed': approvalPage({ ...payment, problem: 'shown_differs' }),
    'approval-elsewhere': approvalPage({ ...payment, isHere: false }),
    'approval-given': approvalPage({
      ...payment,
      state: 'given',
      decision: { channel: 'telegram', at: askedAt + hour },
    }),
    'approval-denied': approvalPage({
      ...payment,
      state: 'denied',
      decision: { channel: 'web', at: askedAt + hour, reason: 'Too dear' },
    }),
    'approval-voided': approvalPage({ ...payment, state: 'voided', voided: 'changed' }),
    'approval-expired': approvalPage({ ...payment, state: 'expired' }),
    'approval-erased': approvalPage({ ...payment, question: undefined }),
    'approval-hostile': approvalPage({
      ...payment,
      action: `/x?${hostile}`,
      csrf: hostile,
      shownHash: hostile,
      client: { name: long, logo: `/client-logos/${'x'.repeat(43)}` },
      question: {
        kind: 'call',
        tool: long,
        note: lies,
        payment: { amount: hostile, currency: hostile, payee: lies, description: lies },
        parameters: [
          { name: hostile, text: long },
          { name: 'constructor', text: `one\ntwo\r\nthree ${hostile}` },
        ],
      },
      state: 'denied',
      decision: { channel: 'web', at: askedAt, reason: lies },
    }),
    'waiting-job': waitingJobPage(waiting),
    'waiting-job-login-german': waitingJobPage({ ...waiting, words: german, pause: 'needs_login' }),
    'waiting-job-hostile': waitingJobPage({
      ...waiting,
      action: `/x?${hostile}`,
      client: { name: long },
      tool: long,
      note: lies,
      url: `javascript:alert(1)//${hostile}`,
    }),
  }
}
