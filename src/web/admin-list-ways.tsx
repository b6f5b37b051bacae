/** The ways through an administrator's list: what is searched for, and where it goes on. */
import type { AdminSection } from './admin-frame.tsx'
import type { AdminListData, ListSection } from './admin-lists.tsx'
import { useWords } from './words/words.ts'

type About = Pick<AdminListData<unknown>, 'search' | 'about' | 'next' | 'lookedAt' | 'isFirst'>

export function isNarrowed({ search, about, isFirst }: About): boolean {
  return search !== '' || Object.keys(about).length > 0 || !isFirst
}

/** A search asks and changes nothing: it may be sent again, kept and shared, and has no token. */
export function Search({ section, data }: { section: ListSection; data: About }) {
  const words = useWords().admin
  return (
    <search>
      <form method="get" action={`/admin/${section}`}>
        {Object.entries(data.about).map(([name, value]) => (
          <input type="hidden" name={name} value={value} key={name} />
        ))}
        <div class="field">
          <label for="q">{words.search}</label>
          <small id="q-hint">{words.searchHint[section]}</small>
          <div class="search">
            <input type="search" id="q" name="q" value={data.search} aria-describedby="q-hint" />
            <button type="submit" class="plain">
              {words.search}
            </button>
          </div>
        </div>
        {isNarrowed(data) && (
          <p>
            <a href={`/admin/${section}`}>{words.showAll}</a>
          </p>
        )}
      </form>
    </search>
  )
}

export function Turn({ section, data }: { section: AdminSection; data: About }) {
  const { admin: words, language } = useWords()
  const { search, about, next, lookedAt, isFirst } = data
  const here = { ...about, ...(search && { q: search }) }
  const href = (query: Record<string, string>) => {
    const text = new URLSearchParams(query).toString()
    return `/admin/${section}${text && `?${text}`}`
  }
  if (isFirst && next === undefined) return null
  return (
    <>
      {lookedAt !== undefined && (
        <p class="remark">{words.lookedAt(lookedAt.toLocaleString(language))}</p>
      )}
      <nav class="turn" aria-label={words.sections[section]}>
        {!isFirst && <a href={href(here)}>{words.firstPage}</a>}
        {next !== undefined && (
          <a href={href({ ...here, after: next })}>
            {lookedAt === undefined ? words.nextPage : words.lookOn}
          </a>
        )}
      </nav>
    </>
  )
}
