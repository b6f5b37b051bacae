/** Where people find the bot that gives them an API token. */
import { Foreign } from './layout.tsx'
import { safeHref } from './safe-href.ts'
import { useWords } from './words/words.ts'

/** Nothing where there is no bot. */
export function BotSection({ address }: { address: string | undefined }) {
  const words = useWords().bot.page
  const href = safeHref(address)
  if (href === undefined) return null
  return (
    <section aria-labelledby="bot">
      <h2 id="bot">{words.title}</h2>
      <div class="card">
        <p>
          {words.open}{' '}
          <a href={href}>
            <Foreign text={href.replace(/^https:\/\//, '')} />
          </a>
        </p>
        <p>{words.send}</p>
        <pre>
          <code>/get</code>
        </pre>
      </div>
    </section>
  )
}
