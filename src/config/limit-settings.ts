/** How much of anything the server takes. */
import { group, minute, seconds, whole } from './schema.ts'

export const limitsSchema = group({
  bodyBytesMax: whole(
    { from: 1024, to: 16_777_216 },
    { default: 65_536, description: 'Largest request body' },
  ),
  queryBytesMax: whole(
    { from: 1024, to: 65_536 },
    { default: 16_384, description: 'Longest query string' },
  ),
  pageRowsMax: whole(
    { from: 1, to: 10_000 },
    { default: 500, description: 'Most rows in one page of an answer' },
  ),
  signInFailuresMax: whole(
    { from: 1, to: 1000 },
    { default: 10, description: 'Failed sign-ins of one account or address inside the window' },
  ),
  clientFailuresMax: whole(
    { from: 1, to: 100_000 },
    {
      default: 50,
      description: 'Wrong secrets of one client from one address inside the window',
    },
  ),
  signInWindowSeconds: seconds({
    default: 15 * minute,
    description: 'The window in which failed sign-ins and wrong secrets are counted',
  }),
})
