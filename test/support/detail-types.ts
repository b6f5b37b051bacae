/** Kinds of authorization details for tests: a payment that a client describes, a safe that a person chooses. */
import type { DetailField, DetailType } from '../../src/config/authorization-detail-settings.ts'

function field(name: string, rest: Partial<DetailField>): DetailField {
  const usual = { label: name, kind: 'text', options: {}, required: true, max: 200 } as const
  return { name, ...usual, chosenBy: 'client', ...rest }
}

export const payment: DetailType = {
  type: 'payment',
  name: 'A payment',
  always: false,
  fields: [
    field('to', { label: 'Paid to', max: 40 }),
    field('amount', { label: 'At most', kind: 'number', unit: 'EUR', max: 1000 }),
    field('purpose', {
      label: 'Why',
      kind: 'choice',
      options: { food: 'Food and drink', rent: 'The rent' },
      required: false,
    }),
    field('items', { label: 'For', kind: 'list', required: false, max: 3 }),
  ],
}

export const safe: DetailType = {
  type: 'safe',
  name: 'Your safe',
  always: false,
  fields: [
    field('safe', {
      label: 'Which safe',
      kind: 'choice',
      options: { family: 'The family’s', work: 'The one at work' },
      chosenBy: 'person',
    }),
  ],
}

export const dinner = { type: 'payment', to: 'Chez Panisse', amount: 120 }

/** A safe of which only the resource itself knows which ones a person has. */
export function fetchedSafe(optionsUrl: string, rest: Partial<DetailField> = {}): DetailType {
  const fields = [
    field('safe', {
      ...{ label: 'Which safe', kind: 'choice', chosenBy: 'person', optionsUrl, ...rest },
    }),
  ]
  return { ...safe, fields }
}
