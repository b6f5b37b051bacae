/** The six tools of Onegent: four that book, each by a job, and two that tell about jobs. */
import { clockTime, jobTools } from '../default-tools.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { GivenTool } from '../tool-settings.ts'

const words = (description: string, maxLength = 200) => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
})

const day = (description: string) => ({ type: 'string', format: 'date', description })

const people = (description: string, maximum = 50) => ({
  type: 'integer',
  minimum: 1,
  maximum,
  description,
})

/** Who the booking is for, as the place that is booked wants to know it. */
const profile: JsonSchema = {
  type: 'object',
  description: 'The person in whose name it is booked',
  properties: {
    first_name: words('Given name', 100),
    last_name: words('Family name', 100),
    email: { type: 'string', format: 'email', maxLength: 254, description: 'For confirmations' },
    phone: {
      type: 'string',
      pattern: '^\\+?[0-9][0-9 ().-]{4,30}$',
      description: 'With the country code',
    },
  },
  required: ['first_name', 'last_name'],
  additionalProperties: false,
}

const wishes = words('What else matters, in plain words', 1000)

interface Booking {
  readonly name: string
  readonly title: string
  readonly what: string
  readonly properties: JsonSchema
  readonly required: readonly string[]
}

function booking({ name, title, what, properties, required }: Booking): GivenTool {
  return {
    name,
    title,
    description:
      `${what} It answers with a jobId at once and works on; ask get_job_status about it every ` +
      '30 seconds. Nothing is paid before the person has approved the charge in the web app.',
    scope: 'book',
    job: true,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    inputSchema: {
      type: 'object',
      properties: { ...properties, profile, notes: wishes },
      required: [...required, 'profile'],
      additionalProperties: false,
    },
  }
}

export const onegentTools: readonly GivenTool[] = [
  booking({
    name: 'book_restaurant',
    title: 'Book a table',
    what: 'Books a table at a restaurant that the person has chosen.',
    properties: {
      restaurant_name: words('The restaurant'),
      city: words('The city that it is in', 100),
      date: day('Day of the visit'),
      time: clockTime,
      covers: people('How many people sit at the table'),
    },
    required: ['restaurant_name', 'city', 'date', 'time', 'covers'],
  }),
  booking({
    name: 'book_hotel',
    title: 'Book a hotel',
    what: 'Books rooms for a stay.',
    properties: {
      hotel_name: words('The hotel; without one, any that fits the notes'),
      city: words('The city of the stay', 100),
      check_in: day('Day of arrival'),
      check_out: day('Day of departure'),
      guests: people('How many people stay'),
      rooms: people('How many rooms; one if not said', 20),
    },
    required: ['city', 'check_in', 'check_out', 'guests'],
  }),
  booking({
    name: 'book_flight',
    title: 'Book a flight',
    what: 'Books a flight, there or there and back.',
    properties: {
      origin: words('Where it starts: a city, or an airport’s three letters', 100),
      destination: words('Where it goes: a city, or an airport’s three letters', 100),
      departure_date: day('Day of the flight there'),
      return_date: day('Day of the flight back; none for one way'),
      passengers: people('How many people fly', 9),
      cabin: {
        type: 'string',
        enum: ['economy', 'premium_economy', 'business', 'first'],
        description: 'The class; economy if not said',
      },
    },
    required: ['origin', 'destination', 'departure_date', 'passengers'],
  }),
  booking({
    name: 'book_activity',
    title: 'Book an activity',
    what: 'Books tickets: a tour, a museum, a show, a class.',
    properties: {
      activity_name: words('What is to be booked'),
      city: words('The city that it is in', 100),
      date: day('Day of the visit'),
      time: clockTime,
      participants: people('How many people take part'),
    },
    required: ['activity_name', 'city', 'date', 'participants'],
  }),
  ...jobTools,
]
