/** `grantlog settings`: every setting and what it is worth here. Secrets stay hidden. */
import { readSettings } from '../config/load-settings.ts'
import { settingsAsMarkdown, settingsInForce } from '../config/settings-table.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

export function showSettings(
  { terminal, surroundings }: CommandContext,
  { markdown }: { markdown: boolean },
): ExitCode {
  if (markdown) {
    terminal.print(settingsAsMarkdown())
    return exitCodes.done
  }
  for (const setting of settingsInForce(readSettings(surroundings))) {
    terminal.print(`${terminal.bold(setting.name)} = ${setting.value}`)
    const environment = setting.environment ?? 'in grantlog.toml only'
    const origin = setting.origin === undefined ? 'the default' : `set by ${setting.origin}`
    terminal.print(terminal.dim(`  ${setting.description} (${environment}; ${origin})`))
  }
  return exitCodes.done
}
