/**
 * The ways between the pages of somebody who is signed in: behind the picture of a person at the
 * top right, at every width, folded until it is wanted. It opens without script and by keyboard.
 *
 * A further place is a row of `paths`, a word of `navigation.rooms` in every language, and a line
 * in `http/visitor.ts` that says who has it.
 */
import { plainText } from './clean-text.ts'
import { useWords } from './words/words.ts'

const paths = {
  account: '/account',
  security: '/account/security',
  apps: '/developers/connected-apps',
  approvals: '/approvals',
  /** Where people have one API token. */
  token: '/developers/keys',
  /** Where they may have many. */
  tokens: '/developers/keys',
  agents: '/account/agents',
  admin: '/admin',
}

export type Room = keyof typeof paths

/** Who looks at a page, and where they may go. */
export interface Visitor {
  readonly name: string
  readonly rooms: readonly Room[]
  /** How many questions wait for them. */
  readonly waiting?: number
}

interface NavigationProps extends Visitor {
  /** Where the page is. */
  readonly room?: Room | undefined
}

const nameGraphemesMax = 60

export function Navigation({ name, rooms, room, waiting = 0 }: NavigationProps) {
  const words = useWords()
  const who = plainText(name, { graphemesMax: nameGraphemesMax })
  return (
    <nav class="menu" aria-label={words.home.account}>
      <details>
        <summary aria-label={words.navigation.open(who)}>
          <Person />
        </summary>
        <div class="card">
          <p>
            <bdi>{who}</bdi>
          </p>
          <ul>
            {rooms.map((each) => (
              <li key={each}>
                <a
                  href={paths[each]}
                  {...(paths[each] === (room && paths[room])
                    ? { 'aria-current': 'page' as const }
                    : {})}
                >
                  {words.navigation.rooms[each]}
                  {each === 'approvals' && waiting > 0 && ` (${waiting})`}
                </a>
              </li>
            ))}
            <li>
              <a href="/sign-out">{words.signOut.submit}</a>
            </li>
          </ul>
        </div>
      </details>
    </nav>
  )
}

function Person() {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <circle cx="16" cy="16" r="15" />
      <circle class="figure" cx="16" cy="12.5" r="4.75" />
      <path class="figure" d="M7.5 25.5a8.75 7.5 0 0 1 17 0" />
    </svg>
  )
}
