/**
 * The page of somebody who may give nothing of what an app asks for: says so, as whom, and lets
 * them go back or be somebody else. It names no rule: those are the operator's.
 */
import { cleanText } from './clean-text.ts'
import { Account, type ConsentPageData } from './consent.tsx'
import { HiddenFields } from './form.tsx'
import { renderPage } from './layout.tsx'

export interface NotAllowedPageData
  extends Pick<
    ConsentPageData,
    'brand' | 'words' | 'action' | 'csrf' | 'requestId' | 'account' | 'switchAccount'
  > {
  readonly clientName: string
}

export function notAllowedPage(data: NotAllowedPageData): string {
  const words = data.words.consent.notAllowed
  const name = cleanText(data.clientName).text || data.words.shell.unnamedApp
  return renderPage({
    brand: data.brand,
    words: data.words,
    title: words.title,
    children: (
      <article class="card consent">
        <h1>{words.title}</h1>
        <p>{words.text(<bdi>{name}</bdi>)}</p>
        <Account {...data} />
        <form method="post" action={data.action} class="decision">
          <HiddenFields fields={{ csrf: data.csrf, request_id: data.requestId }} />
          <button type="submit" name="decision" value="deny">
            {words.back}
          </button>
        </form>
      </article>
    ),
  })
}
