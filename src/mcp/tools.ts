/** The tools of `/api/mcp`. */
import { bookRestaurant } from './book-restaurant.ts'
import { getJobAudit } from './get-job-audit.ts'
import type { Tool } from './tool.ts'

export const tools: readonly Tool[] = [bookRestaurant, getJobAudit]
