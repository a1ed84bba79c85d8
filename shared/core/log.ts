type Level = 'INFO' | 'WARN' | 'ERROR';
type Fields = Readonly<Record<string, unknown>>;

/**
 * The log of a function: JSON lines with ids and numbers; never a body, an address or a secret. An error is said by name,
 * message, stack and cause, whatever else it holds. `LOG_LEVEL=SILENT` (tests) writes nothing.
 */
export const log = {
  info: (message: string, fields?: Fields): void => write('INFO', message, fields),
  warn: (message: string, fields?: Fields): void => write('WARN', message, fields),
  error: (message: string, fields?: Fields): void => write('ERROR', message, fields),
};

/** Straight to the streams: Lambda's console would put the line as a string into a line of its own. */
const write = (level: Level, message: string, fields: Fields = {}): void => {
  if (process.env['LOG_LEVEL'] === 'SILENT') return;
  const line = {
    level,
    message,
    timestamp: new Date().toISOString(),
    service: 'stepwise',
    xray_trace_id: /Root=([^;]+)/.exec(process.env['_X_AMZN_TRACE_ID'] ?? '')?.[1],
    ...fields,
  };
  const stream = level === 'ERROR' ? process.stderr : process.stdout;
  stream.write(`${JSON.stringify(line, (_, value: unknown) => sayable(value))}\n`);
};

const sayable = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Error ? said(value) : value;
};

/** Causes go four deep: one may lead back to itself. */
const said = ({ name, message, stack, cause }: Error, deep = 0): Fields => ({
  name,
  message,
  stack,
  cause: cause instanceof Error ? (deep < 4 ? said(cause, deep + 1) : cause.name) : undefined,
});
