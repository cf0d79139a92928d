/** In a file of its own: `--version`, `--help` and the health check need nothing else of the program. */
export const VERSION = '0.1.0';
