/**
 * Tells zod not to compile its schemas by eval, which the Content-Security-Policy refuses and reports.
 * Must be imported before any schema.
 */
import { config } from "zod";

config({ jitless: true });
