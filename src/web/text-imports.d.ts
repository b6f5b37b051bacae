/** A stylesheet imported with `{ type: 'text' }` is its text; Bun, Deno and the binary agree. */
declare module '*.css' {
  const text: string
  export default text
}

/** A script for the browser, imported likewise. */
declare module '*.client.js' {
  const text: string
  export default text
}
