/**
 * What a promise is rejected with, for a test to look at.
 *
 * `expect(promise).rejects` does not do for a call to a server in this process: on Bun it turns
 * the event loop from inside, where the message of a writer's thread can stay unheard for ever.
 */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`Cannot look at the rejection: the promise became ${JSON.stringify(value)}`)
}
