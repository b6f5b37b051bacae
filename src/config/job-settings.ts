/** Work that agents start for people: how much of it, how long it waits, who may carry it out. */
import { Type } from '@sinclair/typebox'
import { day, flag, group, minute, oneOf, seconds, text, whole } from './schema.ts'

const toolPattern = text({
  pattern: '^[A-Za-z0-9_.-]{1,128}\\*?$|^\\*$',
  description: 'The name of a tool, or how names begin with `*` after it',
})

export const jobsSchema = group({
  workByToken: flag({
    default: true,
    description:
      'Whether clients of scope `jobs:work`, for `<api_url>/api/jobs`, may carry jobs out',
  }),
  workerTools: Type.Record(Type.String(), Type.Array(toolPattern, { maxItems: 100 }), {
    maxProperties: 1000,
    default: {},
    description:
      'For single workers, by client id, whose jobs they get: `{ "op_1" = ["book_*"] }`; the others get all',
  }),
  expirySeconds: seconds({
    default: day,
    description: 'How long a job waits, for a worker or for a person, before it ends as an error',
  }),
  attemptsMax: whole(
    { from: 1, to: 100 },
    { default: 5, description: 'How many workers may be lost over one job before it ends' },
  ),
  leaseSecondsMax: whole(
    { from: 5, to: 60 * minute },
    { default: 5 * minute, description: 'How long a worker may be silent at most' },
  ),
  openPerPersonMax: whole(
    { from: 1, to: 100_000 },
    { default: 100, description: 'Most jobs of one person that are not over' },
  ),
  openPerClientMax: whole(
    { from: 1, to: 1_000_000 },
    { default: 10_000, description: 'Most jobs that one client started and that are not over' },
  ),
  argumentsBytesMax: whole(
    { from: 256, to: 16_384 },
    { default: 16_384, description: 'Largest arguments of one job, as JSON' },
  ),
  resultBytesMax: whole(
    { from: 256, to: 40_960 },
    { default: 40_960, description: 'Largest result of one job, as JSON' },
  ),
  cancelledAs: oneOf(['cancelled', 'error'], {
    default: 'cancelled',
    description:
      'What clients are told of a job that was cancelled, where they know no such status',
  }),
  streamsMax: whole(
    { from: 1, to: 100_000 },
    { default: 1000, description: 'Most requests at once that wait for what happens to jobs' },
  ),
})
