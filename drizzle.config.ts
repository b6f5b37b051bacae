import { defineConfig } from 'drizzle-kit'

/** What `npm run db:generate` reads and writes; src/store/migrations.ts says how to use it. */
export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/store/schema.ts', './src/projections/*.ts'],
  out: './drizzle',
})
