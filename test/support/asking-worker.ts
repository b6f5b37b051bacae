/** The worker of the example as a process that asks the person: see jobs-approved.test.ts. */
import process from 'node:process'
import { type Job, type JobEvent, type Teller, work } from '../../examples/worker.ts'

const { GRANTLOG_URL = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env

const payment = {
  amount: '84.50',
  currency: 'EUR',
  payee: 'Chez Panisse',
  description: 'Deposit for a table for two',
  parameters: { refundable_until: '2027-01-14' },
}

/** By the name of the restaurant. */
const questions: Readonly<
  Record<string, { type: string; note: string; [field: string]: unknown }>
> = {
  'Chez Panisse': { type: 'paused_payment', note: 'They want a deposit', payment },
  'The Puzzle': { type: 'captcha', note: 'Which are bridges?', url: 'https://puzzle.example/c' },
  'The Club': { type: 'needs_login', note: 'Members only', url: 'https://club.example/in' },
}

/** Whoever had the job before may have asked already. */
function answered({ events }: Job): JobEvent | undefined {
  return events.find(({ type }) => type === 'resumed')
}

async function book(job: Job, tell: Teller) {
  await tell.progress('Looking for a table', 20)
  const question = questions[String(job.arguments.restaurant)]
  if (!question) throw new Error('There is no such restaurant')
  const heard = answered(job) ?? (await tell.ask(question))
  await tell.progress('Booking', 80)
  return { confirmation: 'T-1', answer: heard.answer ?? null }
}

await work({
  url: GRANTLOG_URL,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  handlers: { book_restaurant: book },
})
