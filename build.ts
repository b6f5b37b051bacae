/**
 * Makes `dist/grantlog`: one file that carries Bun, the code, the migrations and libSQL's addon.
 *
 *   bun build.ts [file]
 *
 * Two things need care. libSQL picks its addon by a name that it computes, which no bundler can
 * follow, so the plugin below writes this machine's name in. And code that runs on a thread is
 * a program of its own: every file `*-worker.ts` is an entry point beside `main.ts`, and lies in
 * the binary under its path from `src`.
 *
 * The code is parsed here and lies in the binary as bytecode beside its source: reading it was more
 * than half of what a start took. What is imported when it is needed lies in pieces of its own, so
 * that a start does not even read it.
 *
 * Identifiers are never minified: Elysia reads the source of handlers to learn what they use.
 */
import { createRequire } from 'node:module'
import { type BunPlugin, Glob } from 'bun'

const require = createRequire(import.meta.url)

/** The addons that npm installed beside libsql: those of this machine, for glibc first. */
function addonPackage(): string {
  const { platform, arch } = process
  const names =
    platform === 'linux'
      ? [`linux-${arch}-gnu`, `linux-${arch}-musl`]
      : platform === 'win32'
        ? [`win32-${arch}-msvc`]
        : [`${platform}-${arch}`]
  for (const name of names) {
    try {
      require.resolve(`@libsql/${name}`)
      return `@libsql/${name}`
    } catch {
      // The next one, then.
    }
  }
  throw new Error(`Cannot build: libSQL has no addon for ${platform}-${arch} installed`)
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is what the file says
const computedRequire = 'return require(`@libsql/${target}`);'

const staticAddon: BunPlugin = {
  name: 'libsql-addon',
  setup(build) {
    build.onLoad({ filter: /node_modules[\\/]libsql[\\/]index\.js$/ }, async ({ path }) => {
      const source = await Bun.file(path).text()
      if (!source.includes(computedRequire)) {
        throw new Error('Cannot build: libsql loads its addon in a new way; see build.ts')
      }
      const contents = source.replace(computedRequire, `return require('${addonPackage()}');`)
      return { contents, loader: 'js' }
    })
  },
}

const workers = [...new Glob('src/**/*-worker.ts').scanSync('.')].map((path) => `./${path}`)

const outfile = process.argv[2] ?? 'dist/grantlog'

const result = await Bun.build({
  entrypoints: ['./src/main.ts', ...workers.sort()],
  root: './src',
  target: 'bun',
  compile: { outfile },
  format: 'esm',
  bytecode: true,
  splitting: true,
  minify: { whitespace: true, syntax: true, identifiers: false },
  plugins: [staticAddon],
})
for (const log of result.logs) console.error(String(log))
if (!result.success) process.exit(1)
console.log(outfile)
