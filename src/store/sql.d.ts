/** SQL files are embedded as text (`with { type: 'text' }`), on every runtime and in the binary. */
declare module '*.sql' {
  const text: string
  export default text
}
