/** The way through a list that does not fit on one page. */
import { useWords } from './words/words.ts'

interface PagingProps {
  readonly page: number
  readonly pages: number
  /** Where each page is. */
  readonly href: (page: number) => string
}

export function Paging({ page, pages, href }: PagingProps) {
  const { paging } = useWords().shell
  if (pages < 2) return null
  return (
    <nav class="paging" aria-label={paging.page(page, pages)}>
      <span>{page > 1 && <a href={href(page - 1)}>{paging.newer}</a>}</span>
      <span class="remark">{paging.page(page, pages)}</span>
      <span>{page < pages && <a href={href(page + 1)}>{paging.older}</a>}</span>
    </nav>
  )
}
