/**
 * Asks every two seconds whether an agent has answered, and shows the page anew when something has
 * changed. The page has a link that does the same, for browsers without this script.
 */
const waiting = document.querySelector('[data-agent-request]')
const pauseMs = 2000

async function ask() {
  try {
    const id = encodeURIComponent(waiting.dataset.agentRequest)
    const answer = await fetch(`/api/check-status?request_id=${id}`, { cache: 'no-store' })
    const { status } = await answer.json()
    if (answer.ok && status !== 'pending') {
      location.reload()
      return
    }
  } catch {
    // The next time may be better.
  }
  setTimeout(ask, pauseMs)
}

if (waiting) setTimeout(ask, pauseMs)
