/** The routes of a path: itself and everything below; below alone where it ends in a slash, as a link is nothing without its token. */
export const routesOf = (path: string): string[] =>
  path.endsWith('/') ? [`${path}{proxy+}`] : [path, `${path}/{proxy+}`];

/**
 * Function `http-<name>` -> the paths that it serves, with everything below them. `http-docs` (health, the OpenAPI
 * document) is not among them: it gets what nobody else has, so that an unknown route has our own 404.
 */
export const families: Record<string, string[]> = {
  people: ['/v1/users', '/v1/teams', '/v1/api-keys'],
  platform: ['/v1/policies', '/v1/processes'],
  customers: ['/v1/accounts', '/v1/contacts'],
  activities: ['/v1/activities'],
  leads: ['/v1/leads'],
  opportunities: ['/v1/pipelines', '/v1/opportunities'],
  products: ['/v1/products', '/v1/price-books'],
  quotes: ['/v1/quotes'],
  orders: ['/v1/orders'],
  invoices: ['/v1/invoices', '/v1/payments', '/v1/payment-events', '/v1/credit-notes'],
  cases: ['/v1/cases'],
  reports: ['/v1/reports', '/v1/report-schedules'],
  mails: ['/v1/mails', '/v1/inbound-mails', '/v1/suppressions'],
  tasks: ['/v1/tasks', '/v1/my/tasks'],
  audience: ['/v1/segments', '/v1/templates'],
  campaigns: ['/v1/campaigns'],
  clicks: ['/c/'],
  forms: ['/v1/forms', '/v1/submissions'],
  imports: ['/v1/imports'],
  exports: ['/v1/exports'],
  pages: ['/t/', '/q/', '/u/', '/confirm/', '/s/'],
  sequences: ['/v1/sequences', '/v1/journeys'],
};

/** Function `intake-<name>` -> the paths that it serves: public ones, that believe nothing which nobody has verified. */
export const intakes = {
  forms: ['/v1/intake/forms/', '/f/'],
  webhooks: ['/v1/intake/webhooks/'],
  payments: ['/v1/intake/payments/'],
} satisfies Record<string, string[]>;
